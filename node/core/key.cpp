#include "node/core/key.hpp"

#include <openssl/evp.h>

#include "base/assert.hpp"

namespace halfopen::node {
namespace {

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

EVP_PKEY* as_key(const std::shared_ptr<void>& key) {
  return static_cast<EVP_PKEY*>(key.get());
}

}  // namespace

SigningKey::SigningKey(const Seed& seed)
    : seed_(seed),
      key_(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()),
           [](void* key) { EVP_PKEY_free(static_cast<EVP_PKEY*>(key)); }) {
  HALFOPEN_ASSERT(key_ != nullptr);
  std::array<std::uint8_t, PublicKey::kSize> raw{};
  std::size_t size = raw.size();
  const int done = EVP_PKEY_get_raw_public_key(as_key(key_), raw.data(), &size);
  HALFOPEN_ASSERT(done == 1 && size == raw.size());
  public_key_ = PublicKey{raw};
}

Signature SigningKey::sign(std::span<const std::uint8_t> bytes) const {
  const Context context{EVP_MD_CTX_new()};
  Signature signature{};
  std::size_t size = signature.size();
  const bool done =
      EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, as_key(key_)) == 1 &&
      EVP_DigestSign(context.get(), signature.data(), &size, bytes.data(), bytes.size()) == 1;
  HALFOPEN_ASSERT(done && size == signature.size());
  return signature;
}

bool verify(const PublicKey& key, std::span<const std::uint8_t> bytes, const Signature& signature) {
  const std::shared_ptr<void> pinned(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.bytes().data(), PublicKey::kSize),
      [](void* raw) { EVP_PKEY_free(static_cast<EVP_PKEY*>(raw)); });
  const Context context{EVP_MD_CTX_new()};
  return pinned != nullptr &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, as_key(pinned)) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), bytes.data(),
                          bytes.size()) == 1;
}

}  // namespace halfopen::node

#include "node/core/sha256.hpp"

#include <openssl/evp.h>

#include "base/assert.hpp"

namespace halfopen::node {

std::array<std::uint8_t, 32> sha256(std::span<const std::uint8_t> bytes) {
  std::array<std::uint8_t, 32> digest{};
  unsigned length = 0;
  // It fails only when OpenSSL was built without SHA-256 or memory is gone.
  const int done =
      EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr);
  HALFOPEN_ASSERT(done == 1 && length == digest.size());
  return digest;
}

}  // namespace halfopen::node

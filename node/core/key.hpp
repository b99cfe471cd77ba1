// Who a node is: an Ed25519 key pair (RFC 8032), as pure functions with OpenSSL behind them.
//
// One key does two jobs: it signs the node's votes, and its public half is what peers pin in the
// TLS handshake. A name is only a label for it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "node/core/bytes32.hpp"

namespace halfopen::node {

using PublicKey = Bytes32<struct PublicKeyTag>;

inline constexpr std::size_t kSignatureBytes = 64;
using Signature = std::array<std::uint8_t, kSignatureBytes>;

class SigningKey {
 public:
  static constexpr std::size_t kSeedBytes = 32;
  // The private key of RFC 8032 section 5.1.5: 32 bytes, each as good as any other.
  using Seed = std::array<std::uint8_t, kSeedBytes>;

  explicit SigningKey(const Seed& seed);

  [[nodiscard]] const PublicKey& public_key() const { return public_key_; }
  [[nodiscard]] const Seed& seed() const { return seed_; }
  // Always the same for the same bytes.
  [[nodiscard]] Signature sign(std::span<const std::uint8_t> bytes) const;

 private:
  Seed seed_;
  std::shared_ptr<void> key_;  // an EVP_PKEY
  PublicKey public_key_;
};

// False for a key that is no point of the curve, too.
[[nodiscard]] bool verify(const PublicKey& key, std::span<const std::uint8_t> bytes,
                          const Signature& signature);

}  // namespace halfopen::node

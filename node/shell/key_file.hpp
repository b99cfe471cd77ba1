// A node's private key on disk: PKCS#8 in PEM, as `openssl genpkey -algorithm ed25519` writes it.
//
// Whoever reads the file can vote as this node, so a file that others may read is refused rather
// than warned about, and a file that exists is never overwritten: it may be the only copy.
#pragma once

#include <string>

#include "base/result.hpp"
#include "node/core/key.hpp"

namespace halfopen::node {

[[nodiscard]] Result<SigningKey> read_key_file(const std::string& path);

// A new key, made of the system's randomness. It is on the disk when this returns.
[[nodiscard]] Result<SigningKey> create_key_file(const std::string& path);

}  // namespace halfopen::node

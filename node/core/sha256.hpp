// SHA-256 as a pure function (OpenSSL behind it).
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace halfopen::node {

[[nodiscard]] std::array<std::uint8_t, 32> sha256(std::span<const std::uint8_t> bytes);

}  // namespace halfopen::node

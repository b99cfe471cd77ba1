// Bytes as hexadecimal text and back.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace halfopen::node {

// Lower case, two digits a byte.
[[nodiscard]] std::string format_hex(std::span<const std::uint8_t> bytes);

// Fills `bytes` from exactly twice as many digits of either case. On false, `bytes` is unspecified.
[[nodiscard]] bool parse_hex(std::string_view text, std::span<std::uint8_t> bytes);

}  // namespace halfopen::node

// 32 bytes with a meaning: a vote's id and a vote's choice are both digests, and never convert into
// each other.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "node/core/hex.hpp"

namespace halfopen::node {

template <class Tag>
class Bytes32 {
 public:
  static constexpr std::size_t kSize = 32;

  Bytes32() = default;
  explicit Bytes32(const std::array<std::uint8_t, kSize>& bytes) : bytes_(bytes) {}

  // Nothing unless `raw` is exactly 32 bytes long.
  [[nodiscard]] static std::optional<Bytes32> from_raw(std::string_view raw) {
    if (raw.size() != kSize) return std::nullopt;
    Bytes32 parsed;
    for (std::size_t i = 0; i < kSize; ++i)
      parsed.bytes_[i] = static_cast<std::uint8_t>(raw[i]);
    return parsed;
  }
  // Nothing unless `text` is 64 hexadecimal digits.
  [[nodiscard]] static std::optional<Bytes32> from_hex(std::string_view text) {
    Bytes32 parsed;
    if (!parse_hex(text, parsed.bytes_)) return std::nullopt;
    return parsed;
  }

  [[nodiscard]] std::span<const std::uint8_t, kSize> bytes() const { return bytes_; }
  [[nodiscard]] std::string raw() const { return {bytes_.begin(), bytes_.end()}; }
  [[nodiscard]] std::string hex() const { return format_hex(bytes_); }

  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 takes the generated 0 for a pointer.
  auto operator<=>(const Bytes32&) const = default;

 private:
  std::array<std::uint8_t, kSize> bytes_{};
};

}  // namespace halfopen::node

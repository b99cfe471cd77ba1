#include "tests/soak/pattern.hpp"

#include <algorithm>

namespace halfopen::soak {
namespace {

// The finisher of splitmix64 (Steele, Lea, Flood 2014): near numbers become unlike ones.
std::uint64_t mix(std::uint64_t value) {
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31U);
}

// Calls visit(index, byte) for each byte of the span.
template <class Visit>
bool each_byte(StreamKey key, std::uint64_t offset, std::size_t size, Visit visit) {
  const std::uint64_t stream = mix(key.connection * 2 + (key.is_reply ? 1 : 0));
  std::uint64_t word = mix(stream + offset / 8);
  for (std::size_t i = 0; i < size; ++i) {
    const std::uint64_t position = offset + i;
    if (position % 8 == 0) word = mix(stream + position / 8);
    if (!visit(i, static_cast<char>(word >> (position % 8 * 8)))) return false;
  }
  return true;
}

}  // namespace

void fill_pattern(StreamKey key, std::uint64_t offset, std::span<char> into) {
  each_byte(key, offset, into.size(), [&](std::size_t i, char byte) {
    into[i] = byte;
    return true;
  });
}

bool is_pattern(StreamKey key, std::uint64_t offset, std::span<const char> bytes) {
  return each_byte(key, offset, bytes.size(),
                   [&](std::size_t i, char byte) { return bytes[i] == byte; });
}

std::string place_of(StreamKey key, std::uint64_t offset, std::span<const char> bytes,
                     std::uint64_t total) {
  std::uint64_t wrong = 0;
  while (wrong < bytes.size() && is_pattern(key, offset + wrong, bytes.subspan(wrong, 1)))
    ++wrong;
  const std::span<const char> sample =
      bytes.subspan(wrong).first(std::min<std::size_t>(8, bytes.size() - wrong));
  const std::string at = "at offset " + std::to_string(offset + wrong);
  if (sample.size() < 8) return at;
  for (std::uint64_t other = 0; other < total; ++other) {
    if (is_pattern(key, other, sample))
      return at + " comes what belongs to " + std::to_string(other);
  }
  return at + " comes what belongs nowhere";
}

}  // namespace halfopen::soak

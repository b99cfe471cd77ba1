// The bytes that the soak's connections carry: each is decided by the connection, the direction and
// the offset, so that the far end can tell what should be there without having been told.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace halfopen::soak {

// Which stream of bytes: one direction of one connection.
struct StreamKey {
  std::uint64_t connection = 0;
  bool is_reply = false;
};

// What stands at `offset` and behind it.
void fill_pattern(StreamKey key, std::uint64_t offset, std::span<char> into);
[[nodiscard]] bool is_pattern(StreamKey key, std::uint64_t offset, std::span<const char> bytes);

// Where in the stream the first of these bytes belong, in words: a hole, something twice, or
// nothing of this stream.
[[nodiscard]] std::string place_of(StreamKey key, std::uint64_t offset, std::span<const char> bytes,
                                   std::uint64_t total);

}  // namespace halfopen::soak

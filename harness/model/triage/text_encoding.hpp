// Whether bytes are a text, and UTF-16 as Windows' tools write it, made UTF-8.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace halfopen {

struct DecodedText {
  std::string text;                // UTF-8
  std::size_t lines_left_out = 0;  // the first ones, of a text that is too long
};
// Where UTF-16's byte order mark begins the text, of either order; else nothing. Of more than 4 MiB
// the end is decoded.
[[nodiscard]] std::optional<DecodedText> decode_utf16(std::string_view bytes);

// "the text is empty", "this is not text (...)"; "" for what can be read.
[[nodiscard]] std::string why_unreadable(std::string_view text);

}  // namespace halfopen

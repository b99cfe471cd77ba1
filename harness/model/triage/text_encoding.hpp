// Whether bytes are a text, and UTF-16 as Windows' tools write it, made UTF-8.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace halfopen {

// The text in UTF-8 where UTF-16's byte order mark begins it, of either order; else nothing.
[[nodiscard]] std::optional<std::string> decode_utf16(std::string_view bytes);

// "the text is empty", "this is not text (...)"; "" for what can be read.
[[nodiscard]] std::string why_unreadable(std::string_view text);

}  // namespace halfopen

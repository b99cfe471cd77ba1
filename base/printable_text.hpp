// Text from outside, made fit to be quoted: a process's last words, a line of a log, an answer.
//
// Such text is any bytes. One that is no UTF-8 makes the JSON around it unreadable, and an escape
// sequence is obeyed by whoever's terminal shows it. What cannot stand becomes U+FFFD or a space,
// so that a reader sees that something was there.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace halfopen {

// One line: UTF-8, without control characters (of C0 and C1, line breaks and marks that turn the
// direction of writing among them). What is longer is cut between two characters, and "..." says
// so.
[[nodiscard]] std::string printable(std::string_view text, std::size_t bytes_max);

// Each byte that belongs to no character becomes U+FFFD; all else stays, control characters too.
[[nodiscard]] std::string valid_utf8(std::string_view text);

// What XML 1.0 can carry (its production 2, Char), as UTF-8: the rest becomes U+FFFD.
[[nodiscard]] std::string xml_text(std::string_view text);

}  // namespace halfopen

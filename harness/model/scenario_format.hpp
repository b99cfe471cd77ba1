// `halfopen fmt`: one way to lay a scenario file out, so that a diff shows what was changed. Lines
// are moved and shifted, never rewritten, so comments and the author's own line breaks stay.
//
// Invariants: the formatted text means what the text meant (each change is parsed and compared, and
// one that changed the meaning is not made); formatting it again changes nothing.
#pragma once

#include <string>

#include "harness/model/document.hpp"

namespace halfopen {

// What it does: line ends are "\n", no spaces at their ends; the keys at the top in the order of
// the language, each with the comments above it, but for the comments that the file begins and ends
// with, which stay there; list items at the margin two further in (all other indentation stays); at
// most one empty line on end, none at the beginning, and exactly one line end at the last line.
// A text that is no valid YAML is a Problem.
[[nodiscard]] Result<std::string> format_scenario(const std::string& text, const std::string& file);

// Whether two documents say the same, wherever their values stand; the order of a map's keys
// counts, but for the map at the top.
[[nodiscard]] bool says_the_same(const Document& one, const Document& other);

}  // namespace halfopen

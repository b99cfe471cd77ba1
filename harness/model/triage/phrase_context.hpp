// Whether a sentence of phrases.cpp is meant where it stands: "no broken pipe seen" tells of none,
// and a bare 10054 is an error of Windows only where a word beside it says that it is an error.
#pragma once

#include <cstddef>
#include <string_view>

namespace halfopen {

// `line` is in lower case; the sentence is at [at, at + length).
[[nodiscard]] bool is_meant(std::string_view line, std::size_t at, std::size_t length);

}  // namespace halfopen

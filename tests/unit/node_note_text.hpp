// A note as one line, for transcripts that people and tests read.
#pragma once

#include <string>

#include "node/core/note.hpp"

namespace halfopen::node::test {

// Empty for notes that are of no interest in a transcript.
[[nodiscard]] std::string text_of(const Note& note);

}  // namespace halfopen::node::test

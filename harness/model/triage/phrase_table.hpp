// The sentences of runtimes and programs that tell of a connection, as data.
//
// Each row is a sentence as its runtime writes it, in lower case; what stands in another language
// is glibc's or Windows's translation of an errno. Where two rows overlap the longer one counts.
#pragma once

#include <span>
#include <string_view>

#include "harness/model/triage/excerpt.hpp"

namespace halfopen {

struct Phrase {
  ClueKind kind;
  std::string_view words;
};

[[nodiscard]] std::span<const Phrase> known_phrases();
[[nodiscard]] std::span<const Phrase> translated_phrases();

}  // namespace halfopen

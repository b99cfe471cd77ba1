// The sentences by which programs tell of connections, as a table.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/model/triage/excerpt.hpp"

namespace halfopen {

struct FoundPhrase {
  ClueKind kind{};
  std::size_t position = 0;
  std::size_t length = 0;
};

// In the order of their positions; where sentences overlap the longest one counts. `line` must be
// in lower case, `raw` is the same as it was written.
[[nodiscard]] std::vector<FoundPhrase> find_phrases(std::string_view line, std::string_view raw);

}  // namespace halfopen

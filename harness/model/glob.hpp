// Names by pattern, for people who type them: "*" stands for any letters, "?" for one. Brackets
// mean nothing, since the ids of runs are full of them.
#pragma once

#include <string_view>

namespace halfopen {

// The whole text must match.
[[nodiscard]] bool matches_glob(std::string_view text, std::string_view glob);

}  // namespace halfopen

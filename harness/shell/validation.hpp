// `halfopen validate`: what `halfopen run` checks before it runs anything, and nothing else.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness/worlds/world.hpp"

namespace halfopen {

// Answers the exit status. A line for each good file goes to standard output, and one for each that
// is not to standard error.
[[nodiscard]] int validate_scenarios(const std::vector<std::string>& files,
                                     const std::map<std::string, std::string>& variables,
                                     WorldKind world);

}  // namespace halfopen

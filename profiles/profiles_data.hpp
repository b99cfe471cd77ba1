// The files of scenarios/profiles as they were when the program was built; CMake writes the source.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

namespace halfopen {

// Name and text of each.
[[nodiscard]] std::vector<std::pair<std::string_view, std::string_view>> profile_files();

}  // namespace halfopen

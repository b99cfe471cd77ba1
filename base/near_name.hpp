// "Did you mean ...?": the known name that a person most likely meant by a misspelt one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace halfopen {

// The known name at the smallest edit distance, if that is small for a name of this length; "".
[[nodiscard]] std::string near_name(std::string_view name, const std::vector<std::string>& known);

// What to say after an unknown name: `did you mean "nodes"? expected one of a, b, c`, or
// `there is none` where nothing is known.
[[nodiscard]] std::string expected_names(std::string_view name,
                                         const std::vector<std::string>& known);

}  // namespace halfopen

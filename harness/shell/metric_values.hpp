// Which values the labels of our metrics can have, where they are words of a fixed table: a
// condition over reason="ping_timout" would look at nothing, and "never" of nothing always holds.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace halfopen {

// Empty where any value may come.
[[nodiscard]] std::vector<std::string> values_of_label(std::string_view metric,
                                                       std::string_view label);

}  // namespace halfopen

// `fault-proxy profiles`: the middleboxes that a nat can be by name.
#pragma once

#include <boost/json/array.hpp>

namespace halfopen {

// [{"name", "title", "idle_timeout", "behaviour", "nat", "status", "source", "date", "note"}]
[[nodiscard]] boost::json::array profiles_json();
// Prints a table, or the array. Answers the exit status.
[[nodiscard]] int list_profiles(bool json);

}  // namespace halfopen

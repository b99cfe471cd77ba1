// Which connection a line tells of, where it says so, and a text parted by connections.
//
// What one connection shows says nothing against a cause of another one. So a text in which several
// are named is judged one by one. What names no connection belongs to all of them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/model/triage/excerpt.hpp"

namespace halfopen {

// `line` must be in lower case.
[[nodiscard]] ConnectionName name_connection(std::string_view line);

struct ConnectionPart {
  std::string name;
  Excerpt excerpt;
};
// One part for each connection that an error, a close or a socket names; less than two: none.
[[nodiscard]] std::vector<ConnectionPart> part_by_connections(const Excerpt& excerpt);

}  // namespace halfopen

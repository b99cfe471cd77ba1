// Event logs back into Events. A line that is no JSON object is counted, not fatal: a killed
// process may have been writing into a full disk.
#pragma once

#include <string>
#include <vector>

#include "harness/model/record.hpp"

namespace halfopen {

struct ReadEvents {
  std::vector<Event> events;
  std::size_t unreadable_lines = 0;
};

// Appends nothing when the file does not exist. Limit: 256 MiB a file.
[[nodiscard]] ReadEvents read_event_file(const std::string& path);

}  // namespace halfopen

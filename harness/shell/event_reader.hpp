// Event logs back into Events. A line that is no event is counted, not fatal here: whoever judges
// by the events has to say that some are missing (a full disk). One exception: a process that is
// killed while it writes leaves a line without an end, which proves nothing but that: the file's
// last one, or, where the process was started again, one that goes on with its `started`.
#pragma once

#include <string>
#include <vector>

#include "harness/model/record.hpp"

namespace halfopen {

struct ReadEvents {
  std::vector<Event> events;
  std::size_t unreadable_lines = 0;  // without the torn ones
  std::size_t first_unreadable = 0;  // its line, from 1
  bool is_too_long = false;          // the rest was not read
};

// Appends nothing when the file does not exist. Limit: 256 MiB a file.
[[nodiscard]] ReadEvents read_event_file(const std::string& path);

struct RunEvents {
  std::vector<Event> events;  // in time order
  std::string damage;         // "the events of n1 are damaged: 2 lines, the first is
                              // n1.events.jsonl:7"; empty when all were read
};

// Of several programs, each by its file's name: n1.events.jsonl is n1's.
[[nodiscard]] RunEvents read_event_files(const std::vector<std::string>& paths);

}  // namespace halfopen

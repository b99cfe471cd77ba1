// Lines of ss(8), as `ss -tino` prints them.
#pragma once

#include <optional>
#include <string_view>

#include "harness/model/triage/excerpt.hpp"

namespace halfopen {

// A line that begins with a TCP state of ss and two queues; with -e or -i on one line, too.
[[nodiscard]] std::optional<SocketClue> parse_socket_line(std::string_view line);
// The indented line that follows it: "cubic rto:201 backoff:6 unacked:1 lastsnd:41000 ...".
void add_socket_details(std::string_view line, SocketClue& socket);

}  // namespace halfopen

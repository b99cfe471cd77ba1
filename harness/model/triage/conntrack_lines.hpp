// Lines of `conntrack -E`: a flow that a table forgot while both its ends held it open.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace halfopen {

class ConntrackLines {
 public:
  struct Event {
    std::string flow;  // "10.0.0.1:40000->10.0.0.2:5432"
    bool was_forgotten =
        false;  // destroyed while ESTABLISHED: by its timer, a flush or a full table
  };
  // Nothing where the line is no event of a TCP flow.
  [[nodiscard]] std::optional<Event> read(std::string_view line);

 private:
  std::map<std::string, bool> is_established_;
};

}  // namespace halfopen

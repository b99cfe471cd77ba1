// One line of what a worker writes to standard output (worker.hpp says what lines there are).
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "base/result.hpp"

namespace halfopen {

// As it is sent: JSON on one line, with its line break. Always readable, whatever text is in it.
[[nodiscard]] std::string worker_line_text(const boost::json::object& line);

// A line that does not read is a bug of ours; the problem shows its beginning.
[[nodiscard]] Result<boost::json::object> read_worker_line(const std::string& line);

}  // namespace halfopen

#include "harness/shell/worker_line.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "base/printable_text.hpp"

namespace halfopen {

// The serializer lets through what is no UTF-8, and the parser at the other end does not: a verdict
// must not be lost to one byte that somebody forgot to make printable.
std::string worker_line_text(const boost::json::object& line) {
  return valid_utf8(boost::json::serialize(line)) + "\n";
}

Result<boost::json::object> read_worker_line(const std::string& line) {
  constexpr std::size_t kShownBytes = 160;
  boost::system::error_code error;
  boost::json::value value = boost::json::parse(line, error);
  if (error || !value.is_object()) {
    return Problem{"the worker wrote a line that is no JSON object: \"",
                   printable(line, kShownBytes), "\"; see its worker.log"};
  }
  return std::move(value.as_object());
}

}  // namespace halfopen

#include "harness/shell/event_reader.hpp"

#include <boost/json/parse.hpp>
#include <fstream>
#include <utility>

namespace halfopen {
namespace {

constexpr std::size_t kFileBytesMax = 256UL * 1024 * 1024;

std::string text_of(const boost::json::object& line, std::string_view key) {
  const auto* value = line.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : "";
}

}  // namespace

ReadEvents read_event_file(const std::string& path) {
  ReadEvents read;
  std::ifstream file(path);
  std::string line;
  std::size_t bytes = 0;
  while (std::getline(file, line)) {
    bytes += line.size() + 1;
    if (bytes > kFileBytesMax) {
      ++read.unreadable_lines;
      break;
    }
    boost::system::error_code error;
    boost::json::value parsed = boost::json::parse(line, error);
    const auto* object = error ? nullptr : parsed.if_object();
    const auto* time = object != nullptr ? object->if_contains("mono_ns") : nullptr;
    if (time == nullptr || !time->is_int64()) {
      ++read.unreadable_lines;
      continue;
    }
    Event event;
    event.at = Instant::from_nanoseconds(time->as_int64());
    event.program = text_of(*object, "program");
    event.node = text_of(*object, "node");
    event.event = text_of(*object, "event");
    event.fields = std::move(parsed.as_object());
    read.events.push_back(std::move(event));
  }
  return read;
}

}  // namespace halfopen

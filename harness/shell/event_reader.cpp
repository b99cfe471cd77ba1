#include "harness/shell/event_reader.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <fstream>
#include <iterator>
#include <utility>

namespace halfopen {
namespace {

constexpr std::size_t kFileBytesMax = 256UL * 1024 * 1024;

std::string text_of(const boost::json::object& line, std::string_view key) {
  const auto* value = line.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : "";
}

std::string owner_of(const std::string& path) {
  const std::string name = path.substr(path.rfind('/') + 1);
  return name.substr(0, name.rfind(".events.jsonl"));
}

std::string damage_of(const ReadEvents& read) {
  if (read.is_too_long) {
    return "more than " + std::to_string(kFileBytesMax / 1024 / 1024) + " MiB";
  }
  const std::size_t lines = read.unreadable_lines;
  if (lines == 0) return "";
  return std::to_string(lines) + (lines == 1 ? " line" : " lines");
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
      read.is_too_long = true;
      break;
    }
    boost::system::error_code error;
    boost::json::value parsed = boost::json::parse(line, error);
    const auto* object = error ? nullptr : parsed.if_object();
    const auto* time = object != nullptr ? object->if_contains("mono_ns") : nullptr;
    if (time == nullptr || !time->is_int64()) {
      const bool is_torn = file.eof();  // getline met the file's end before a line's
      if (!is_torn) ++read.unreadable_lines;
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

RunEvents read_event_files(const std::vector<std::string>& paths) {
  RunEvents all;
  for (const std::string& path : paths) {
    ReadEvents read = read_event_file(path);
    std::move(read.events.begin(), read.events.end(), std::back_inserter(all.events));
    const std::string damage = damage_of(read);
    if (damage.empty()) continue;
    all.damage += (all.damage.empty() ? "" : "; ") + std::string("the events of ") +
                  owner_of(path) + " are damaged: " + damage;
  }
  std::stable_sort(all.events.begin(), all.events.end(),
                   [](const Event& left, const Event& right) { return left.at < right.at; });
  return all;
}

}  // namespace halfopen

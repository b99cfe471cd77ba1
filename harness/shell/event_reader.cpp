#include "harness/shell/event_reader.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <fstream>
#include <iterator>
#include <string_view>
#include <utility>

#include "base/result.hpp"

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

// Each event begins so, and no value in one can: a quote within a text is escaped.
constexpr std::string_view kBegin = R"({"mono_ns":)";

Result<Event> read_event(const std::string& line) {
  boost::system::error_code error;
  boost::json::value parsed = boost::json::parse(line, error);
  const auto* object = error ? nullptr : parsed.if_object();
  const auto* time = object != nullptr ? object->if_contains("mono_ns") : nullptr;
  if (time == nullptr || !time->is_int64()) return Problem{"no event"};
  Event event;
  event.at = Instant::from_nanoseconds(time->as_int64());
  event.program = text_of(*object, "program");
  event.node = text_of(*object, "node");
  event.event = text_of(*object, "event");
  event.fields = std::move(parsed.as_object());
  return event;
}

// The `started` of a process that was started again, behind what was being written when it was
// killed; an event that lost nothing but the line's end stands before it. Empty for anything else:
// any other event there means that a line's end was lost, and with it who knows what.
std::vector<Event> events_of_restart(const std::string& line) {
  const std::size_t second = line.rfind(kBegin);
  const std::string torn = line.substr(0, second);
  const std::size_t beginning = std::min(torn.size(), kBegin.size());
  if (second == std::string::npos || second == 0 || torn.find(kBegin, 1) != std::string::npos ||
      torn.substr(0, beginning) != kBegin.substr(0, beginning)) {
    return {};
  }
  auto started = read_event(line.substr(second));
  if (started.has_error() || started->event != "started") return {};
  std::vector<Event> events;
  if (auto whole = read_event(torn); whole.has_value()) events.push_back(std::move(*whole));
  events.push_back(std::move(*started));
  return events;
}

std::string damage_of(const ReadEvents& read, const std::string& path) {
  if (read.is_too_long) {
    return "more than " + std::to_string(kFileBytesMax / 1024 / 1024) + " MiB";
  }
  const std::size_t lines = read.unreadable_lines;
  if (lines == 0) return "";
  const std::string place =
      path.substr(path.rfind('/') + 1) + ":" + std::to_string(read.first_unreadable);
  return lines == 1 ? "1 line, " + place : std::to_string(lines) + " lines, the first is " + place;
}

}  // namespace

ReadEvents read_event_file(const std::string& path) {
  ReadEvents read;
  std::ifstream file(path);
  std::string line;
  std::size_t bytes = 0;
  std::size_t number = 0;
  while (std::getline(file, line)) {
    bytes += line.size() + 1;
    if (bytes > kFileBytesMax) {
      read.is_too_long = true;
      break;
    }
    ++number;
    auto event = read_event(line);
    const bool is_torn = event.has_error() && file.eof();  // the file's end came before the line's
    if (event.has_value()) {
      read.events.push_back(std::move(*event));
    } else if (auto restart = events_of_restart(line); !restart.empty()) {
      std::move(restart.begin(), restart.end(), std::back_inserter(read.events));
    } else if (!is_torn && read.unreadable_lines++ == 0) {
      read.first_unreadable = number;
    }
  }
  return read;
}

RunEvents read_event_files(const std::vector<std::string>& paths) {
  RunEvents all;
  for (const std::string& path : paths) {
    ReadEvents read = read_event_file(path);
    std::move(read.events.begin(), read.events.end(), std::back_inserter(all.events));
    const std::string damage = damage_of(read, path);
    if (damage.empty()) continue;
    all.damage += (all.damage.empty() ? "" : "; ") + std::string("the events of ") +
                  owner_of(path) + " are damaged: " + damage;
  }
  std::stable_sort(all.events.begin(), all.events.end(),
                   [](const Event& left, const Event& right) { return left.at < right.at; });
  return all;
}

}  // namespace halfopen

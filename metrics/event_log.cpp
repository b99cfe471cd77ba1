#include "metrics/event_log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/json/serialize.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "metrics/clock.hpp"

namespace halfopen {

Result<EventLog> EventLog::open(const std::string& path, std::string program, std::string node) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return Problem{"cannot open the event log " + path + ": " + std::strerror(errno)};
  }
  return EventLog{descriptor, std::move(program), std::move(node)};
}

EventLog::EventLog(EventLog&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      program_(std::move(other.program_)),
      node_(std::move(other.node_)),
      failure_reported_(other.failure_reported_),
      observer_(std::move(other.observer_)) {}

EventLog& EventLog::operator=(EventLog&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(program_, other.program_);
  std::swap(node_, other.node_);
  std::swap(failure_reported_, other.failure_reported_);
  std::swap(observer_, other.observer_);
  return *this;
}

EventLog::~EventLog() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void EventLog::write(std::string_view event, boost::json::object fields) {
  if (!is_open()) return;
  boost::json::object line;
  line["mono_ns"] = monotonic_now().nanoseconds();
  line["wall"] = wall_text();
  line["program"] = program_;
  line["node"] = node_;
  line["event"] = event;
  for (auto& field : fields)
    line[field.key()] = std::move(field.value());
  std::string text = boost::json::serialize(line);
  if (observer_) observer_(line, text);
  if (descriptor_ < 0) return;
  text += "\n";
  const ssize_t written = ::write(descriptor_, text.data(), text.size());
  if (written != static_cast<ssize_t>(text.size()) && !std::exchange(failure_reported_, true)) {
    std::fprintf(stderr, "%s: the event log is incomplete: %s\n", program_.c_str(),
                 written < 0 ? std::strerror(errno) : "short write");
  }
}

}  // namespace halfopen

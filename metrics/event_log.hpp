// Events as JSON lines: the record that carries time. Metrics say how many; events say when, in
// which order and why.
//
// One line is one write(2) on a descriptor opened with O_APPEND, so a reader never sees half a
// line of a live writer, and a killed process loses nothing that it had logged. Every line has
//   {"mono_ns": int, "wall": "RFC 3339", "program": "...", "node": "...", "event": "...", ...}
// and, where they apply, "peer", "conn", "reason", "errno" (by name, "EPIPE") and "tcp_info".
#pragma once

#include <boost/json/object.hpp>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace halfopen {

class EventLog {
 public:
  // Of each line, as an object and as the text that was written, without its newline.
  using Observer = std::function<void(const boost::json::object& line, const std::string& text)>;

  // A log that goes nowhere, or to an observer alone.
  EventLog() = default;
  EventLog(std::string program, std::string node)
      : program_(std::move(program)), node_(std::move(node)) {}
  // Creates `path` readable by its owner alone, or appends to it.
  [[nodiscard]] static Result<EventLog> open(const std::string& path, std::string program,
                                             std::string node);
  EventLog(EventLog&& other) noexcept;
  EventLog& operator=(EventLog&& other) noexcept;
  EventLog(const EventLog&) = delete;
  EventLog& operator=(const EventLog&) = delete;
  ~EventLog();

  // Adds the common fields, with the time of this call, and writes one line. A failed write (full
  // disk) is reported once on stderr; events are evidence, never a reason to stop the program.
  void write(std::string_view event, boost::json::object fields = {});
  // Whether anybody will read what is written.
  [[nodiscard]] bool is_open() const { return descriptor_ >= 0 || observer_; }

  // Is told of every line from now on; an empty one ends that.
  void observe(Observer observer) { observer_ = std::move(observer); }

 private:
  EventLog(int descriptor, std::string program, std::string node)
      : descriptor_(descriptor), program_(std::move(program)), node_(std::move(node)) {}

  int descriptor_ = -1;
  std::string program_;
  std::string node_;
  bool failure_reported_ = false;
  Observer observer_;
};

}  // namespace halfopen

// GET /events: the event log as it is written, to whoever listens, as Server-Sent Events.
//
// Intuition: the log is one sequence of lines; a listener gets those of its proxy from now on. What
// a slow listener has missed is not repeated: it is cut off, and that is said in the log.
//
// Invariants: without a listener an event costs what it cost before; at most 16 listeners.
#pragma once

#include <boost/json/object.hpp>
#include <map>
#include <optional>
#include <string>

#include "metrics/event_log.hpp"
#include "proxy/shell/event_loop.hpp"
#include "proxy/shell/http_server.hpp"

namespace halfopen {

class EventStreams {
 public:
  static constexpr std::size_t kListenersMax = 16;

  EventStreams(EventLoop& loop, EventLog& events);
  ~EventStreams();
  EventStreams(const EventStreams&) = delete;
  EventStreams& operator=(const EventStreams&) = delete;

  // Before the first listener.
  void write_to(HttpServer& server) { server_ = &server; }

  [[nodiscard]] bool is_full() const { return listeners_.size() >= kListenersMax; }
  // Only events of this proxy, or all.
  void add(HttpClientId id, std::optional<std::string> proxy);
  void handle_end(HttpClientId id, bool was_too_slow);

 private:
  void publish(const boost::json::object& line, const std::string& text);
  void send_heartbeat();

  EventLoop& loop_;
  EventLog& events_;
  HttpServer* server_ = nullptr;
  std::map<HttpClientId, std::optional<std::string>> listeners_;
  Timer heartbeat_;
};

}  // namespace halfopen

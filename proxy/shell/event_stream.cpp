#include "proxy/shell/event_stream.hpp"

#include <utility>
#include <vector>

#include "metrics/clock.hpp"
#include "proxy/shell/log.hpp"

namespace halfopen {
namespace {

// A comment that keeps middleboxes from forgetting a quiet connection, and shows who is gone.
constexpr Duration kHeartbeatInterval = std::chrono::seconds(15);

bool concerns(const boost::json::object& line, const std::optional<std::string>& proxy) {
  if (!proxy) return true;
  const auto* named = line.if_contains("proxy");
  return named != nullptr && named->is_string() && named->get_string() == *proxy;
}

}  // namespace

EventStreams::EventStreams(EventLoop& loop, EventLog& events)
    : loop_(loop), events_(events), heartbeat_(loop, [this] { send_heartbeat(); }) {}

EventStreams::~EventStreams() {
  events_.observe({});
}

void EventStreams::add(HttpClientId id, std::optional<std::string> proxy) {
  if (listeners_.empty()) {
    events_.observe(
        [this](const boost::json::object& line, const std::string& text) { publish(line, text); });
    heartbeat_.arm(monotonic_now() + kHeartbeatInterval);
  }
  listeners_.emplace(id, std::move(proxy));
  server_->write_to_stream(id, ": events from now on\n\n");
}

void EventStreams::handle_end(HttpClientId id, bool was_too_slow) {
  if (listeners_.erase(id) == 0) return;
  if (was_too_slow) {
    log_line(LogLevel::kWarning, "a reader of /events was cut off: it is too far behind");
  }
  if (!listeners_.empty()) return;
  heartbeat_.cancel();
  // Not from within the observer itself.
  loop_.post([this] {
    if (listeners_.empty()) events_.observe({});
  });
}

void EventStreams::publish(const boost::json::object& line, const std::string& text) {
  const std::string piece =
      "event: " + std::string(line.at("event").as_string()) + "\ndata: " + text + "\n\n";
  std::vector<HttpClientId> ids;
  for (const auto& [id, proxy] : listeners_) {
    if (concerns(line, proxy)) ids.push_back(id);
  }
  for (const HttpClientId id : ids)
    server_->write_to_stream(id, piece);
}

void EventStreams::send_heartbeat() {
  heartbeat_.arm(monotonic_now() + kHeartbeatInterval);
  std::vector<HttpClientId> ids;
  for (const auto& [id, proxy] : listeners_)
    ids.push_back(id);
  for (const HttpClientId id : ids)
    server_->write_to_stream(id, ": alive\n\n");
}

}  // namespace halfopen

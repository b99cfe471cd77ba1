#include "harness/model/prediction/defences.hpp"

#include <boost/json/value.hpp>
#include <limits>

#include "harness/model/prediction/attributes.hpp"

namespace halfopen {

NodeDefences defences_of_preset(const std::string& preset) {
  NodeDefences defences;
  if (preset != "naive") return defences;
  defences.preset = preset;
  defences.keepalive.enabled = false;
  defences.user_timeout.enabled = false;
  defences.ping.enabled = false;
  defences.reconnect.enabled = false;
  defences.retry.enabled = false;
  defences.watch_idle = false;
  defences.writes_per_frame = 2;
  return defences;
}

NodeDefences defences_of_config(const boost::json::object& config) {
  NodeDefences defences = defences_of_preset(word_attribute(config, "preset", "resilient"));
  const auto& keepalive = object_attribute(config, "keepalive");
  read_attribute(keepalive, "enabled", defences.keepalive.enabled);
  read_attribute(keepalive, "idle", defences.keepalive.idle);
  read_attribute(keepalive, "interval", defences.keepalive.interval);
  read_attribute(keepalive, "count", defences.keepalive.count);
  const auto& user_timeout = object_attribute(config, "user_timeout");
  read_attribute(user_timeout, "enabled", defences.user_timeout.enabled);
  read_attribute(user_timeout, "timeout", defences.user_timeout.timeout);
  const auto& ping = object_attribute(config, "ping");
  read_attribute(ping, "enabled", defences.ping.enabled);
  read_attribute(ping, "interval", defences.ping.interval);
  read_attribute(ping, "timeout", defences.ping.timeout);
  const auto& reconnect = object_attribute(config, "reconnect");
  read_attribute(reconnect, "enabled", defences.reconnect.enabled);
  read_attribute(reconnect, "backoff_min", defences.reconnect.backoff_min);
  read_attribute(reconnect, "backoff_max", defences.reconnect.backoff_max);
  read_attribute(reconnect, "dial_timeout", defences.reconnect.dial_timeout);
  const auto& retry = object_attribute(config, "retry");
  read_attribute(retry, "enabled", defences.retry.enabled);
  read_attribute(retry, "ack_deadline", defences.retry.ack_deadline);
  read_attribute(config, "watch_idle", defences.watch_idle);
  read_attribute(config, "ack_wait", defences.ack_wait);
  read_attribute(config, "writes_per_frame", defences.writes_per_frame);
  return defences;
}

}  // namespace halfopen

#include "node/core/detection_bound.hpp"

#include <algorithm>

#include "node/core/limits.hpp"

namespace halfopen::node {
namespace {

std::optional<Duration> earlier(std::optional<Duration> one, std::optional<Duration> other) {
  if (!one || !other) return one ? one : other;
  return std::min(*one, *other);
}

// A ping goes out when nothing has come in for an interval, and nothing comes in answer to it.
std::optional<Duration> ping_bound(const Defences& defences) {
  if (!defences.ping.enabled) return std::nullopt;
  return defences.ping.interval + defences.ping.timeout;
}

// The kernel probes an idle connection. What it finds it says to a pending read only, and it does
// not probe while sent data is unacknowledged, so a ping that goes out first takes its place.
std::optional<Duration> keepalive_bound(const Defences& defences) {
  const KeepaliveSettings& keepalive = defences.keepalive;
  if (!keepalive.enabled || !defences.watch_idle) return std::nullopt;
  const Duration bound = keepalive.idle + keepalive.interval * keepalive.count;
  if (defences.ping.enabled && defences.ping.interval < bound) return std::nullopt;
  return bound;
}

}  // namespace

std::optional<Duration> idle_detection_bound(const Defences& defences) {
  return earlier(ping_bound(defences), keepalive_bound(defences));
}

std::optional<Duration> vote_detection_bound(const Defences& defences) {
  std::optional<Duration> bound = ping_bound(defences);
  if (defences.retry.enabled) bound = earlier(bound, defences.retry.ack_deadline);
  // The kernel's word, too, is heard by a pending read only.
  const bool is_reading = defences.watch_idle || defences.retry.enabled;
  if (defences.user_timeout.enabled && is_reading) {
    bound = earlier(bound, defences.user_timeout.timeout);
  }
  return bound;
}

std::optional<Duration> reconnect_bound(const Defences& defences) {
  const ReconnectSettings& reconnect = defences.reconnect;
  if (!reconnect.enabled) return std::nullopt;
  return reconnect.backoff_max + reconnect.dial_timeout + kHandshakeDeadline;
}

}  // namespace halfopen::node

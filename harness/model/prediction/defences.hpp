// What a vote-node of a scenario has against dead connections: its preset's values with the
// scenario's own put over them.
//
// The presets are vote-node's. The harness sees it as a black box and so keeps a copy here; a test
// holds the copy against the node's own, value by value.
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "base/time.hpp"

namespace halfopen {

struct NodeDefences {
  std::string preset = "resilient";
  struct KeepAlive {
    bool enabled = true;
    Duration idle = std::chrono::seconds(15);
    Duration interval = std::chrono::seconds(5);
    unsigned count = 3;
  } keepalive;
  struct UserTimeout {
    bool enabled = true;
    Duration timeout = std::chrono::seconds(29);
  } user_timeout;
  struct Ping {
    bool enabled = true;
    Duration interval = std::chrono::seconds(10);
    Duration timeout = std::chrono::seconds(5);
  } ping;
  struct Reconnect {
    bool enabled = true;
    Duration backoff_min = std::chrono::milliseconds(100);
    Duration backoff_max = std::chrono::seconds(5);
    Duration dial_timeout = std::chrono::seconds(3);
  } reconnect;
  struct Retry {
    bool enabled = true;
    Duration ack_deadline = std::chrono::seconds(5);
  } retry;
  bool watch_idle = true;
  Duration ack_wait = std::chrono::seconds(1);
  unsigned writes_per_frame = 1;
};

[[nodiscard]] NodeDefences defences_of_preset(const std::string& preset);

// A value that vote-node would refuse counts as not written: vote-node says what is wrong with it.
[[nodiscard]] NodeDefences defences_of_config(const boost::json::object& config);

}  // namespace halfopen

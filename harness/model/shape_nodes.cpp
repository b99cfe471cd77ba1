// The shapes of nodes and links. A node's settings are vote-node's own: here stand their names and
// kinds, so that an editor knows them and a mistake has its place in the scenario. What a value may
// be is vote-node's to say (its --check-config is asked); a test holds this list against `vote-node
// schema`.
#include <cstdint>

#include "harness/model/shape_parts.hpp"

namespace halfopen {
namespace {

using Need = ShapeKey::Need;

constexpr std::uint64_t kProbesMax = 127;  // the kernel's limit
constexpr std::uint64_t kWeightMax = 1'000'000'000'000;
constexpr std::uint64_t kRetentionMin = 20'000;
constexpr std::uint64_t kRetentionMax = 10'000'000;

ShapeKey setting(const char* name, ValueType type, const char* doc) {
  return {name, Need::kOptional, std::move(type), doc};
}

ShapeKey enabled() {
  return setting("enabled", takes_flag(), "the switch of this defence (the preset's)");
}

const Shape& keepalive_shape() {
  static const Shape shape{
      "keepalive",
      "\"keepalive\"",
      "probes of the kernel while nothing is unacknowledged",
      "{enabled: true, idle: 15s, interval: 5s, count: 3}",
      {enabled(), setting("idle", takes_duration(), "silence before the first probe (15s)"),
       setting("interval", takes_duration(), "from probe to probe (5s)"),
       setting("count", takes_count(1, kProbesMax), "unanswered probes that mean death (3)")}};
  return shape;
}

const Shape& user_timeout_shape() {
  static const Shape shape{"user_timeout",
                           "\"user_timeout\"",
                           "the kernel's limit for unacknowledged data",
                           "{enabled: true, timeout: 29s}",
                           {enabled(), setting("timeout", takes_duration(),
                                               "how long data may stay unacknowledged (29s)")}};
  return shape;
}

const Shape& ping_shape() {
  static const Shape shape{
      "ping",
      "\"ping\"",
      "health pings from node to node, skipped while bytes come",
      "{enabled: true, interval: 10s, timeout: 5s}",
      {enabled(), setting("interval", takes_duration(), "silence before a ping is sent (10s)"),
       setting("timeout", takes_duration(), "how long the answer may take (5s)")}};
  return shape;
}

const Shape& reconnect_shape() {
  static const Shape shape{
      "reconnect",
      "\"reconnect\"",
      "what happens after a connection is lost",
      "{enabled: true, backoff_min: 100ms, backoff_max: 5s}",
      {enabled(), setting("backoff_min", takes_duration(), "the longest first wait (100ms)"),
       setting("backoff_max", takes_duration(), "the longest wait at all (5s)"),
       setting("dial_timeout", takes_duration(), "how long a dial may take (3s)"),
       setting("stable_after", takes_duration(),
               "a session that lived so long lets the next outage begin anew (1m)")}};
  return shape;
}

const Shape& retry_shape() {
  static const Shape shape{"retry",
                           "\"retry\"",
                           "what happens to a vote that nobody acknowledges",
                           "{enabled: true, ack_deadline: 5s}",
                           {enabled(), setting("ack_deadline", takes_duration(),
                                               "how long a vote may stay unacknowledged (5s)")}};
  return shape;
}

const Shape& retention_shape() {
  static const Shape shape{"retention",
                           "\"retention\"",
                           "how much is remembered",
                           "{votes: 20000}",
                           {setting("votes", takes_count(kRetentionMin, kRetentionMax),
                                    "of each voter, in memory and in the store (100000)")}};
  return shape;
}

std::vector<ShapeKey> defences() {
  return {setting("preset", takes_word({"resilient", "naive"}),
                  "the defences that are on unless a key says otherwise: all, or none (resilient)"),
          setting("keepalive", takes_shape(keepalive_shape()), "probes of the kernel"),
          setting("user_timeout", takes_shape(user_timeout_shape()),
                  "the kernel's limit for unacknowledged data"),
          setting("ping", takes_shape(ping_shape()), "health pings from node to node"),
          setting("reconnect", takes_shape(reconnect_shape()),
                  "what happens after a connection is lost"),
          setting("retry", takes_shape(retry_shape()),
                  "what happens to a vote that nobody acknowledges"),
          setting("watch_idle", takes_flag(), "a read is pending while nothing is expected"),
          setting("ack_wait", takes_duration(),
                  "without watch_idle and retry: how long a read is pending after a vote (1s)"),
          setting("writes_per_frame", takes_count(1, 2), "2: header and body apart")};
}

}  // namespace

const Shape& node_shape() {
  static const Shape shape = [] {
    Shape node{"node",
               "a node",
               "a vote-node with its settings, or any command",
               "{preset: naive, keepalive: {enabled: true, idle: 1s, interval: 1s, count: 3}}",
               {setting("command", takes_list(takes_text()),
                        "the program and its arguments, of a node that is no vote-node"),
                setting("sysctls", takes_map(takes_text()),
                        "net.* settings of this node's machine alone (kernel world)")}};
    for (ShapeKey& key : defences())
      node.keys.push_back(std::move(key));
    const std::vector<ShapeKey> rest{
        setting("network", takes_text(), "votes and peers of other networks are refused (lab)"),
        setting("log_level", takes_word({"debug", "info", "warn"}), "how much it logs (info)"),
        setting("store", takes_text(), "the file of the votes (in memory)"),
        setting("transport", takes_word({"tls", "plaintext"}), "plaintext only in labs (tls)"),
        setting("weight", takes_count(0, kWeightMax), "of this node's votes (1)"),
        setting("retention", takes_shape(retention_shape()), "how much is remembered"),
        setting("drain_timeout", takes_duration(),
                "how long a stopping node waits for acknowledgements (1s)"),
        setting("seed", takes_count(0, UINT64_MAX), "of the backoff's jitter (1)")};
    node.keys.insert(node.keys.end(), rest.begin(), rest.end());
    return node;
  }();
  return shape;
}

const Shape& link_shape() {
  static const Shape shape{
      "link",
      "a link",
      "two nodes that may talk, and what is between them",
      "{between: [n1, n2], faults: [{nat: {idle_timeout: 3s}}]}",
      {{"between", Need::kRequired, takes_list(takes_name()), "two nodes; its id is n1-n2"},
       {"dialer", Need::kOptional, takes_name(), "who opens the connection (the first)"},
       {"inside", Need::kOptional, takes_name(), "who is behind the NAT (the dialer)"},
       {"faults", Need::kOptional, takes_list(takes_shape(fault_shape())),
        "what the path is like from the start: each one key, its type"},
       when_key()}};
  return shape;
}

}  // namespace halfopen

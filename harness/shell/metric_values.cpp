#include "harness/shell/metric_values.hpp"

#include <algorithm>

namespace halfopen {
namespace {

struct LabelValues {
  std::string_view metric;
  std::string_view label;
  std::vector<std::string> values;
};

const std::vector<std::string>& states() {
  static const std::vector<std::string> all{"Idle",    "Dialing", "Handshaking", "Healthy",
                                            "Suspect", "Backoff", "Closed"};
  return all;
}

// As in node/core/reasons.inc; a test holds the two together.
const std::vector<std::string>& reasons() {
  static const std::vector<std::string> all{"keepalive_timeout",
                                            "user_timeout",
                                            "retransmission_timeout",
                                            "ping_timeout",
                                            "ack_timeout",
                                            "reset",
                                            "broken_pipe",
                                            "eof",
                                            "aborted",
                                            "io_error",
                                            "overflow",
                                            "protocol_error",
                                            "refused",
                                            "unreachable",
                                            "dial_timeout",
                                            "dial_failed",
                                            "handshake_failed",
                                            "tls_failed",
                                            "wrong_key",
                                            "wrong_network",
                                            "wrong_version",
                                            "rate_limited",
                                            "unknown_peer",
                                            "too_many_connections",
                                            "replaced",
                                            "tie_break",
                                            "removed",
                                            "shutdown",
                                            "start",
                                            "retry_due",
                                            "connected",
                                            "hello",
                                            "answered"};
  return all;
}

const std::vector<LabelValues>& table() {
  static const std::vector<LabelValues> rows{
      {"votenode_peer_state", "state", states()},
      {"votenode_peer_transitions_total", "from", states()},
      {"votenode_peer_transitions_total", "to", states()},
      {"votenode_peer_transitions_total", "reason", reasons()},
      {"votenode_peer_connections_closed_total", "reason", reasons()},
      {"votenode_peer_connections_opened_total", "direction", {"outbound", "inbound"}},
      {"votenode_peer_dials_total",
       "outcome",
       {"connected", "refused", "timeout", "unreachable", "failed"}},
      {"votenode_peer_pings_total", "outcome", {"sent", "answered", "timeout"}},
      {"votenode_votes_received_total", "outcome", {"stored", "duplicate", "rejected"}},
      {"fault_proxy_connections_total",
       "outcome",
       {"connected", "upstream_refused", "upstream_timeout", "limit"}},
      {"fault_proxy_bytes_total", "direction", {"upstream", "downstream"}},
      {"fault_proxy_segments_dropped_total", "direction", {"upstream", "downstream"}},
      {"fault_proxy_nat_refresh_total", "cause", {"data", "ack", "keepalive"}},
      {"fault_proxy_resets_total",
       "cause",
       {"nat_expiry", "nat_next_packet", "relayed", "peer_restart", "stream_fault", "reset_on_next",
        "asymmetric", "flap"}},
      {"halfopen_node_sockets",
       "state",
       {"ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT", "CLOSE",
        "CLOSE_WAIT", "LAST_ACK", "LISTEN", "CLOSING"}}};
  return rows;
}

}  // namespace

std::vector<std::string> values_of_label(std::string_view metric, std::string_view label) {
  const auto found = std::find_if(table().begin(), table().end(), [&](const LabelValues& row) {
    return row.metric == metric && row.label == label;
  });
  return found == table().end() ? std::vector<std::string>{} : found->values;
}

}  // namespace halfopen

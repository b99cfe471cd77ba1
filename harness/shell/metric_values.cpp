#include "harness/shell/metric_values.hpp"

#include <algorithm>

#include "harness/model/transition_reasons.hpp"

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

const std::vector<LabelValues>& table() {
  static const std::vector<LabelValues> rows{
      {"votenode_peer_state", "state", states()},
      {"votenode_peer_transitions_total", "from", states()},
      {"votenode_peer_transitions_total", "to", states()},
      {"votenode_peer_transitions_total", "reason", transition_reasons()},
      {"votenode_peer_connections_closed_total", "reason", transition_reasons()},
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

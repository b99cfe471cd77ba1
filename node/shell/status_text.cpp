#include "node/shell/status_text.hpp"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <cstdio>
#include <exception>
#include <string_view>
#include <vector>

namespace halfopen::node {
namespace {

using boost::json::object;
using boost::json::value;

std::string text_of(const object& from, std::string_view key) {
  const value* found = from.if_contains(key);
  return found == nullptr || !found->is_string() ? "" : std::string(found->get_string());
}

std::int64_t number_of(const object& from, std::string_view key) {
  const value* found = from.if_contains(key);
  return found == nullptr || !found->is_number() ? 0 : found->to_number<std::int64_t>();
}

std::string count_of(const object& from, std::string_view key) {
  return std::to_string(number_of(from, key));
}

// "41 s", "3 min", "5.2 h", "12 d": what a person compares at a glance.
std::string span_text(std::int64_t milliseconds) {
  struct Unit {
    double milliseconds;
    double until;
    const char* name;
  };
  constexpr std::array kUnits{Unit{1, 1e3, "ms"}, Unit{1e3, 120e3, "s"},
                              Unit{60e3, 120 * 60e3, "min"}, Unit{3600e3, 48 * 3600e3, "h"},
                              Unit{86400e3, 1e300, "d"}};
  const auto amount = static_cast<double>(std::max<std::int64_t>(milliseconds, 0));
  for (const Unit& unit : kUnits) {
    if (amount >= unit.until) continue;
    char text[48];
    std::snprintf(text, sizeof text, "%.0f %s", amount / unit.milliseconds, unit.name);
    return text;
  }
  return "?";
}

std::string round_trip_text(const object& peer) {
  for (const char* key : {"ping_rtt_ms", "tcp_rtt_ms"}) {
    const value* found = peer.if_contains(key);
    if (found == nullptr || !found->is_number()) continue;
    char text[48];
    std::snprintf(text, sizeof text, "%.1f ms", found->to_number<double>());
    return text;
  }
  return "-";
}

// Columns as wide as their widest cell; the last one ends where its text does.
std::string table_text(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      text += row[i];
      if (i + 1 < row.size()) text.append(widths[i] + 2 - row[i].size(), ' ');
    }
    text += "\n";
  }
  return text;
}

bool is_up(const object& peer) {
  const std::string state = text_of(peer, "state");
  return state == "Healthy" || state == "Suspect";
}

struct Advice {
  std::string_view reason;
  std::string_view text;
};
// What to do about a peer that is not up, by the reason of its last transition.
constexpr std::array kAdvice{
    Advice{"refused", "is vote-node running there, and does it listen at this address?"},
    Advice{"unreachable", "look at the routes and the network between here and there"},
    Advice{"dial_timeout", "nothing comes back: is the machine up, does a firewall drop packets?"},
    Advice{"handshake_failed",
           "something else than a node answers, or the node there ended it: "
           "look at its log"},
    Advice{"tls_failed", "no TLS 1.3 there: do both nodes have the same transport?"},
    Advice{"wrong_key",
           "another key than the configured one answers: compare with vote-node "
           "pubkey there"},
    Advice{"wrong_network", "it belongs to another network: compare network: in both files"},
    Advice{"wrong_version", "it speaks another version: update the older one"},
    Advice{"keepalive_timeout",
           "it fell silent: a middlebox forgot the connection, or the machine "
           "is gone"},
    Advice{"user_timeout",
           "it stopped acknowledging data: a middlebox forgot the connection, or "
           "the machine is gone"},
    Advice{"ping_timeout", "the path or the process there hangs: look at the load there"},
    Advice{"ack_timeout", "it takes votes and does not store them: look at its disk and /healthz"},
};

std::string advice_for(const object& peer) {
  const std::string reason = text_of(peer, "reason");
  const auto* found = std::find_if(kAdvice.begin(), kAdvice.end(),
                                   [&](const Advice& advice) { return advice.reason == reason; });
  if (found != kAdvice.end()) return std::string(found->text);
  if (text_of(peer, "address").empty()) {
    return "it is the one that dials: look at its log, and that it has this node's address";
  }
  return "vote-node history " + text_of(peer, "name") + " shows how it came to this";
}

std::vector<std::string> things_to_look_at(const object& node, const boost::json::array& peers) {
  std::vector<std::string> lines;
  if (const value* good = node.if_contains("store_good"); good != nullptr && *good == false) {
    lines.emplace_back("the store does not take votes: look at its disk (" +
                       text_of(node, "store") + ")");
  }
  for (const value& entry : peers) {
    const object& peer = entry.as_object();
    const std::string name = text_of(peer, "name");
    const std::int64_t owed = number_of(peer, "outbox");
    const std::string waits = owed > 0 ? "; votes that wait for it: " + std::to_string(owed) : "";
    if (!is_up(peer)) {
      const std::string address = text_of(peer, "address");
      const std::string why = text_of(peer, "reason_text");
      lines.push_back(name + (address.empty() ? "" : " at " + address) +
                      (why.empty() ? " has not dialled yet" : ": " + why) + ": " +
                      advice_for(peer) + waits);
    } else if (text_of(peer, "state") == "Suspect") {
      lines.push_back(name + " is late with an answer" + waits);
    }
  }
  if (number_of(node, "evidence") > 0) {
    lines.push_back(
        "somebody signed two different votes for one slot: GET /evidence has the "
        "proofs (" +
        count_of(node, "evidence") + ")");
  }
  if (const value* quorum = node.if_contains("quorum_in_reach"); quorum && *quorum == false) {
    lines.push_back("weight " + count_of(node, "weight_in_reach") + " of " +
                    count_of(node, "total_weight") +
                    " is in reach: not more than two thirds, so no quorum until peers come back");
  }
  return lines;
}

std::string head_text(const object& node) {
  std::string text = text_of(node, "name") + " in network " + text_of(node, "network") +
                     ", vote-node " + text_of(node, "version") + ", preset " +
                     text_of(node, "preset") + ", " + text_of(node, "transport") + ", up " +
                     span_text(number_of(node, "up_ms")) + "\n";
  text += "key " + text_of(node, "key") + "\n";
  text += "listens for peers on " + text_of(node, "listen") +
          "; store: " + (text_of(node, "store").empty() ? "memory" : text_of(node, "store")) + "\n";
  text += "votes known: " + count_of(node, "votes") + "; evidence: " + count_of(node, "evidence") +
          "; last quorum: ";
  const value* quorum = node.if_contains("last_quorum");
  if (quorum != nullptr && quorum->is_object()) {
    const object& slot = quorum->get_object();
    text += "height " + count_of(slot, "height") + ", round " + count_of(slot, "round") + ", " +
            text_of(slot, "kind");
  } else {
    text += "none yet";
  }
  text += "; weight in reach: " + count_of(node, "weight_in_reach") + " of " +
          count_of(node, "total_weight") + "\n";
  if (const value* stopping = node.if_contains("stopping"); stopping && *stopping == true) {
    text += "it is stopping: no new votes are taken\n";
  }
  return text;
}

Result<std::string> not_a_node() {
  return Problem{"this is not what a vote-node of this version answers"};
}

}  // namespace

Result<std::string> status_text(const object& node, const object& peers) {
  const value* list = peers.if_contains("peers");
  if (text_of(node, "name").empty() || list == nullptr || !list->is_array()) return not_a_node();
  std::vector<std::vector<std::string>> rows{
      {"PEER", "STATE", "FOR", "DIRECTION", "OWED", "IN FLIGHT", "RTT", "WHY"}};
  for (const value& entry : list->get_array()) {
    if (!entry.is_object()) return not_a_node();
    const object& peer = entry.get_object();
    const std::string direction = text_of(peer, "direction");
    const std::string why = text_of(peer, "reason_text");
    rows.push_back({text_of(peer, "name"), text_of(peer, "state"),
                    span_text(number_of(peer, "for_ms")), direction.empty() ? "-" : direction,
                    count_of(peer, "outbox"), count_of(peer, "in_flight"), round_trip_text(peer),
                    why.empty() ? "it has not dialled yet" : why});
  }
  std::string text = head_text(node) + "\n";
  text += rows.size() == 1 ? "no peers\n" : table_text(rows);
  const auto lines = things_to_look_at(node, list->get_array());
  text += lines.empty() ? "\nNothing to look at.\n" : "\nLook at:\n";
  for (const std::string& line : lines)
    text += "  " + line + "\n";
  return text;
}

Result<std::string> history_text(const object& history) {
  const value* list = history.if_contains("transitions");
  if (list == nullptr || !list->is_array()) return not_a_node();
  std::string text;
  for (const value& entry : list->get_array()) {
    if (!entry.is_object()) return not_a_node();
    const object& transition = entry.get_object();
    text += text_of(transition, "wall") + "  " + text_of(transition, "from") + " -> " +
            text_of(transition, "to") + "  " + text_of(transition, "reason") + ": " +
            text_of(transition, "reason_text");
    if (const std::string error = text_of(transition, "errno"); !error.empty() && error != "OK") {
      const std::string operation = text_of(transition, "operation");
      text += "; " + (operation.empty() ? "the kernel" : operation) + " said " + error;
      if (const std::string second = text_of(transition, "second_errno"); !second.empty()) {
        text += ", then " + second + "; SO_ERROR " + text_of(transition, "so_error");
      }
    }
    const value* info = transition.if_contains("tcp_info");
    if (info != nullptr && info->is_object()) {
      const object& kernel = info->get_object();
      text += "; kernel: " + text_of(kernel, "state") + ", unacked " + count_of(kernel, "unacked") +
              ", retransmits " + count_of(kernel, "retransmits") + ", probes " +
              count_of(kernel, "probes");
    }
    text +=
        "; last sign of life " + span_text(number_of(transition, "since_life_ms")) + " before\n";
  }
  return text.empty() ? "nothing has happened yet\n" : text;
}

}  // namespace halfopen::node

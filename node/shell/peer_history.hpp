// What has become of each peer, kept for whoever asks later: its last transitions with the kernel's
// evidence, and how things stand now.
//
// A night of failed dials must not push out why the connection died before it: the oldest of those
// tries go first, and what began or ended a connection only when there is nothing else.
//
// Invariant: at most kTransitionsMax transitions a peer; a peer that is configured no longer is
// forgotten.
#pragma once

#include <boost/json/object.hpp>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "node/shell/config.hpp"
#include "node/shell/witness.hpp"

namespace halfopen::node {

struct PastTransition {
  std::string wall;  // RFC 3339
  Instant at;
  PeerState from{};
  PeerState to{};
  Reason reason{};
  std::optional<ConnectionId> connection;
  int error = 0;
  Duration since_life{};
  std::optional<Evidence> evidence;
};
[[nodiscard]] boost::json::object to_json(const PastTransition& transition);

struct PeerStanding {
  explicit PeerStanding(Instant now) : since(now) {}

  Instant since;  // of the state that it is in
  std::optional<Reason> reason;
  std::optional<Direction> direction;  // of the open connection
  std::optional<Duration> ping_round_trip;
  std::optional<TcpInfo> tcp_info;  // a second old at most
  std::deque<PastTransition> transitions;
};

class PeerHistory {
 public:
  static constexpr std::size_t kTransitionsMax = 256;

  PeerHistory(const NodeConfig& config, Instant now) { set_peers(config, now); }

  // Forgets who is there no longer.
  void set_peers(const NodeConfig& config, Instant now);
  void tell(const WitnessedNote& witnessed, Instant now);
  void tcp_info(const std::string& peer, const std::optional<TcpInfo>& info);

  // Null for a peer that is not configured.
  [[nodiscard]] const PeerStanding* find(const std::string& peer) const;

 private:
  struct Visitor;

  std::map<std::string, PeerStanding, std::less<>> peers_;
};

}  // namespace halfopen::node

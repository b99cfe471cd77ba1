// Which connections a fault that acts once on each still has to act on, and when.
//
// Intuition: an Aim in the attributes ("after": "3s", "new_connections": true) becomes a list of
// due times. A connection that another fault keeps silent at its time waits until it is heard
// again: behind a cut cable nobody is told anything.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "proxy/shell/faults/active_fault.hpp"

namespace halfopen {

class AimedConnections {
 public:
  AimedConnections(FaultHost& host, const Aim& aim) : host_(host), aim_(aim) {}

  // Aims at what is there now. The time of one that is not connected yet begins when it is.
  void start(Instant now);
  void handle_connected(const Connection& connection, Instant now);
  void handle_over(const Connection& connection);

  // Those that are due and can be acted on, in order; each is handed out once.
  [[nodiscard]] std::vector<ConnectionId> take_due(Instant now);
  [[nodiscard]] std::optional<Instant> next_deadline() const;

 private:
  void aim_at(ConnectionId id, Instant at);

  FaultHost& host_;
  Aim aim_;
  std::set<ConnectionId> awaited_;  // were there at the start, and are not connected yet
  // The same by connection and by time: thousands may wait, and each event asks for the first.
  std::map<ConnectionId, Instant> due_;
  std::set<std::pair<Instant, ConnectionId>> queue_;
};

}  // namespace halfopen

// nat: a mapping a connection, fed with looks at TCP_INFO, and the fates of the legs when it goes.
//
// Looks are taken at every event of a leg, at each mapping's deadline (so that none expires on old
// knowledge) and on a sampling timer in between, since a keep-alive probe raises no event.
//
// Invariant: a connection has a live mapping, or is expired, or is not this fault's business (not
// connected yet, or silenced by another fault: its mapping then waits and is judged afterwards).
#pragma once

#include <array>
#include <map>

#include "proxy/shell/faults/active_fault.hpp"

namespace halfopen {

class NatFault final : public ActiveFault {
 public:
  NatFault(FaultHost& host, const NatConfig& config) : host_(host), config_(config) {}

  void start(Instant now) override;
  [[nodiscard]] Result<void> stop(Instant now) override;
  [[nodiscard]] Result<void> change(const FaultConfig& config) override;
  void handle_connected(Connection& connection) override;
  void handle_leg_event(Connection& connection, LegId leg) override;
  void handle_over(Connection& connection) override;
  void handle_timeout(Instant now) override;
  [[nodiscard]] std::optional<Instant> next_deadline() const override;

 private:
  // By NatSide: whether a silent leg of an expired connection has not had its first packet yet.
  using AwaitedPackets = std::array<bool, 2>;

  [[nodiscard]] LegId leg_of(NatSide side) const;
  void look(NatMapping& mapping, const Connection& connection, LegId leg);
  void expire(Connection& connection, const Expiry& expiry);
  void meet_fate(Connection& connection, NatSide side, SideFate fate);
  void watch_for_next_packets();
  void write_next_packet(const Connection& connection, NatSide side, const char* action, bool seen);
  void update_gauges();

  FaultHost& host_;
  NatConfig config_;
  std::map<ConnectionId, NatMapping> mappings_;
  std::map<ConnectionId, AwaitedPackets> expired_;
  Instant sampled_at_;
  Duration sample_interval_{0};
};

}  // namespace halfopen

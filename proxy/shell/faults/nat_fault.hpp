// nat: a mapping a connection, fed with looks at TCP_INFO, and the fates of the legs when it goes.
//
// Looks are taken at every event of a leg, at each mapping's deadline (so that none expires on old
// knowledge) and in a rotation in between, since a keep-alive probe raises no event.
//
// Invariants: a connection has a live mapping, or an expired one, or is not this fault's business
// (not connected yet). Another fault's silence is a cut cable to the mapping, not a pause. A reset
// that is due while the cable is cut waits behind this fault's own silence until it is healed.
#pragma once

#include <unordered_map>
#include <vector>

#include "proxy/core/look_schedule.hpp"
#include "proxy/core/nat.hpp"
#include "proxy/core/nat_expired.hpp"
#include "proxy/core/quiet_leg.hpp"
#include "proxy/shell/faults/active_fault.hpp"

namespace halfopen {

class NatFault final : public ActiveFault {
 public:
  NatFault(FaultHost& host, const NatConfig& config) : host_(host), config_(config) {}

  void start(Instant now) override;
  [[nodiscard]] Result<void> stop(Instant now) override;
  [[nodiscard]] Result<void> change(const FaultConfig& config) override;
  [[nodiscard]] Result<std::size_t> flush(Instant now) override;
  void handle_connected(Connection& connection) override;
  void handle_leg_event(Connection& connection, LegId leg) override;
  void handle_silencing(Connection& connection, LegId leg) override;
  void handle_over(Connection& connection) override;
  void handle_timeout(Instant now) override;
  [[nodiscard]] std::optional<Instant> next_deadline() const override;

 private:
  [[nodiscard]] LegId leg_of(NatSide side) const;
  [[nodiscard]] NatSide side_of(LegId leg) const;
  [[nodiscard]] std::optional<Look> look_at_side(const Connection& connection, NatSide side) const;
  [[nodiscard]] Cut cut_of(const Connection& connection) const;
  std::optional<Look> look(NatMapping& mapping, const Connection& connection, LegId leg);
  [[nodiscard]] Look known(const Connection& connection, NatSide side) const;
  // One that the schedule watches, found by its place without a search.
  struct Watched {
    ConnectionId id;
    Connection* connection = nullptr;
    NatMapping* mapping = nullptr;    // nothing where it has expired
    std::array<QuietLeg, 2> quiet{};  // by leg
    std::array<int, 2> sockets{-1, -1};
    Instant quiet_at{};  // nothing had come by then, and the mapping has not been told
  };
  // Whether nothing came on either leg, as far as that can be told cheaply.
  [[nodiscard]] static bool is_quiet(const Watched& watched);
  void watch(Connection& connection, NatMapping& mapping);
  void unwatch(ConnectionId id);
  [[nodiscard]] Watched* find_watched(ConnectionId id);
  void sample(const LookSchedule::Due& due, Instant now);
  void expire(Connection& connection, const Expiry& expiry);
  void forget(Connection& connection, const char* event, const Expiry& expiry, SideFates fates);
  void update_gauges();

  // What comes after expiry, in nat_fault_expired.cpp.
  void meet_fate(Connection& connection, NatSide side, SideFate fate);
  void arm_reset(Connection& connection, NatSide side);
  void watch_expired(Connection& connection);
  void look_at_expired(Connection& connection, NatSide side);
  void act_on(Connection& connection, const AfterLook& after);
  void revive(Connection& connection, const AfterLook& after);
  void reset_seen(Connection& connection, NatSide side);
  void handle_gone(Connection& connection, NatSide side);
  void write_next_packet(const Connection& connection, NatSide side, const char* action, bool seen);

  FaultHost& host_;
  NatConfig config_;
  // Looked up; never iterated in an order that matters.
  std::unordered_map<ConnectionId, NatMapping> mappings_;
  std::unordered_map<ConnectionId, ExpiredMapping> expired_;
  LookSchedule schedule_;         // of both, the live and the expired
  std::vector<Watched> watched_;  // by their places
  std::unordered_map<ConnectionId, std::size_t> places_;
};

}  // namespace halfopen

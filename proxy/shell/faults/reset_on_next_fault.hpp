// reset_on_next: the next packet of a side draws a reset, as from a middlebox that has forgotten
// the connection or a host that was replaced. Who says nothing goes on believing.
//
// Intuition: both legs are silent, and what they swallow is looked for on a sampling timer; the
// reset leaves when a packet was seen. So a fault that is removed before anybody spoke has done
// nothing, and what is repeated then arrives.
//
// Invariants: a packet that another fault has swallowed never came as far as this one; it is seen
// when it is repeated.
#pragma once

#include <array>
#include <map>
#include <set>

#include "proxy/shell/faults/active_fault.hpp"

namespace halfopen {

class ResetOnNextFault final : public ActiveFault {
 public:
  ResetOnNextFault(FaultHost& host, const ResetOnNextConfig& config)
      : host_(host), config_(config) {}

  void start(Instant now) override;
  [[nodiscard]] Result<void> stop(Instant now) override;
  [[nodiscard]] Result<void> change(const FaultConfig& config) override;
  void handle_connected(Connection& connection) override;
  void handle_over(Connection& connection) override;
  void handle_timeout(Instant now) override;
  [[nodiscard]] std::optional<Instant> next_deadline() const override;

 private:
  // Segments that each leg had swallowed when they were last looked at.
  using Swallowed = std::array<std::uint32_t, 2>;

  void arm(Connection& connection);
  void look_at_leg(Connection& connection, Swallowed& swallowed, LegId leg);
  void reset(Connection& connection, LegId leg);
  [[nodiscard]] bool resets(LegId leg) const;

  FaultHost& host_;
  ResetOnNextConfig config_;
  std::set<ConnectionId> awaited_;  // were there at the start, and are not connected yet
  std::map<ConnectionId, Swallowed> armed_;
  Instant sampled_at_;
};

}  // namespace halfopen

// peer_restart: what clients see of an upstream that goes down and comes back. The process itself
// is somebody else's to kill and restart; its own goodbyes, whenever they come, change nothing.
//
// A connection that another fault keeps silent stays silent: a restart behind a cut cable says
// nothing to anyone.
#pragma once

#include "proxy/core/peer_life.hpp"
#include "proxy/shell/faults/active_fault.hpp"

namespace halfopen {

class PeerRestartFault final : public ActiveFault {
 public:
  PeerRestartFault(FaultHost& host, const PeerRestartConfig& config)
      : host_(host), config_(config), life_(config) {}

  void start(Instant now) override;
  [[nodiscard]] Result<void> stop(Instant now) override;
  [[nodiscard]] Result<void> change(const FaultConfig& config) override;
  void handle_accepted(Connection& connection) override;
  void handle_timeout(Instant now) override;
  [[nodiscard]] std::optional<Instant> next_deadline() const override;
  [[nodiscard]] bool is_over() const override { return life_.is_over() && !reopen_at_; }

 private:
  void go_down();
  void close_connections();
  [[nodiscard]] Result<void> boot();
  void reset_what_the_peer_forgot();
  [[nodiscard]] bool keeps_silence() const { return config_.kind == RestartKind::kPowerLoss; }

  FaultHost& host_;
  PeerRestartConfig config_;
  PeerLife life_;
  std::optional<Instant> reopen_at_;  // booted, but the port could not be had yet
};

}  // namespace halfopen

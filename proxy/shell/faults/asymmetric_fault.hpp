// asymmetric: one side's connection is gone, and the other's kernel still has it as ESTABLISHED:
// the half-open connection itself, made at once and without a restart.
//
// The forgotten side is told by a RST, by a FIN, or not at all, and its next packet then draws a
// RST. What the other side says vanishes, or draws a RST as well.
#pragma once

#include "proxy/shell/faults/aimed_connections.hpp"

namespace halfopen {

class AsymmetricFault final : public ActiveFault {
 public:
  AsymmetricFault(FaultHost& host, const AsymmetricConfig& config)
      : host_(host), config_(config), aimed_(host, config.aim) {}

  void start(Instant now) override { aimed_.start(now); }
  // Whom the fault had left in the dark finds out with its next packet.
  [[nodiscard]] Result<void> stop(Instant now) override;
  [[nodiscard]] Result<void> change(const FaultConfig& config) override;
  void handle_connected(Connection& connection) override;
  void handle_over(Connection& connection) override { aimed_.handle_over(connection); }
  void handle_timeout(Instant now) override;
  [[nodiscard]] std::optional<Instant> next_deadline() const override {
    return aimed_.next_deadline();
  }

 private:
  void forget(Connection& connection);

  FaultHost& host_;
  AsymmetricConfig config_;
  AimedConnections aimed_;
};

}  // namespace halfopen

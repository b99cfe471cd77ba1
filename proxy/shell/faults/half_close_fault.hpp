// half_close: one side is told that the other has finished, although it has not. What that one
// still sends has nowhere to go and stays in its window; the other direction goes on as before.
#pragma once

#include "proxy/shell/faults/aimed_connections.hpp"

namespace halfopen {

class HalfCloseFault final : public ActiveFault {
 public:
  HalfCloseFault(FaultHost& host, const HalfCloseConfig& config)
      : host_(host), config_(config), aimed_(host, config.aim) {}

  void start(Instant now) override { aimed_.start(now); }
  // A FIN cannot be taken back.
  [[nodiscard]] Result<void> stop(Instant) override { return {}; }
  [[nodiscard]] Result<void> change(const FaultConfig& config) override;
  void handle_connected(Connection& connection) override;
  void handle_over(Connection& connection) override { aimed_.handle_over(connection); }
  void handle_timeout(Instant now) override;
  [[nodiscard]] std::optional<Instant> next_deadline() const override {
    return aimed_.next_deadline();
  }

 private:
  FaultHost& host_;
  HalfCloseConfig config_;
  AimedConnections aimed_;
};

}  // namespace halfopen

// blackhole: as if the cable were cut. Every leg and the listener are silent until the fault is
// removed; then TCP's own retransmissions bring what was underway.
#pragma once

#include "proxy/shell/faults/active_fault.hpp"

namespace halfopen {

class BlackholeFault final : public ActiveFault {
 public:
  explicit BlackholeFault(FaultHost& host) : host_(host) {}

  void start(Instant now) override;
  [[nodiscard]] Result<void> stop(Instant now) override;
  [[nodiscard]] Result<void> change(const FaultConfig&) override { return {}; }
  // A connection that the kernel had completed before the listener fell silent.
  void handle_accepted(Connection& connection) override;

 private:
  FaultHost& host_;
};

}  // namespace halfopen

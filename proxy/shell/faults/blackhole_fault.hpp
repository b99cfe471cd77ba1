// blackhole: as if a cable were cut, or one strand of it. Every leg and the listener are silent
// until the fault is removed; then TCP's own retransmissions bring what was underway. Which cable
// it was matters only to a nat on the same proxy, which reads it off the reason for the silence.
//
// One direction alone is lost between the sender's leg, which is deaf to it and to the sender's
// ACKs, and the other leg, which is mute: neither data nor ACKs get through that way, and what goes
// the other way arrives without its sender ever learning it.
#pragma once

#include "proxy/shell/faults/active_fault.hpp"

namespace halfopen {

class BlackholeFault final : public ActiveFault {
 public:
  BlackholeFault(FaultHost& host, const BlackholeConfig& config) : host_(host), config_(config) {}

  void start(Instant now) override;
  [[nodiscard]] Result<void> stop(Instant now) override;
  [[nodiscard]] Result<void> change(const FaultConfig& config) override;
  // A connection that the kernel had completed before the listener fell silent.
  void handle_accepted(Connection& connection) override;

 private:
  [[nodiscard]] HoldReason reason() const;
  void let_go(Connection& connection);

  FaultHost& host_;
  BlackholeConfig config_;
};

}  // namespace halfopen

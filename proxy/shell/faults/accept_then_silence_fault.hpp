// accept_then_silence: a dial is answered and then nothing is. The upstream is not dialled before
// the fault is removed; then what was sent meanwhile arrives.
//
// Intuition: a process that hangs has a kernel that does not (`acks`): it takes what is sent until
// the buffer is full. Without, a firewall lets the handshake through and nothing behind it.
#pragma once

#include "proxy/shell/faults/active_fault.hpp"

namespace halfopen {

class AcceptThenSilenceFault final : public ActiveFault {
 public:
  AcceptThenSilenceFault(FaultHost& host, const AcceptThenSilenceConfig& config)
      : host_(host), config_(config) {}

  void start(Instant now) override;
  [[nodiscard]] Result<void> stop(Instant now) override;
  [[nodiscard]] Result<void> change(const FaultConfig& config) override;
  void handle_accepted(Connection& connection) override;

 private:
  void keep_new_ones_unheard(bool on);

  FaultHost& host_;
  AcceptThenSilenceConfig config_;
};

}  // namespace halfopen

// syn_drop: a firewall that lets nobody new in. The listener is silent until the fault is removed;
// then the SYNs that the dialers repeat arrive. Established connections never notice.
#pragma once

#include "proxy/shell/faults/active_fault.hpp"

namespace halfopen {

class SynDropFault final : public ActiveFault {
 public:
  explicit SynDropFault(FaultHost& host) : host_(host) {}

  void start(Instant now) override;
  [[nodiscard]] Result<void> stop(Instant now) override;
  [[nodiscard]] Result<void> change(const FaultConfig&) override { return {}; }

 private:
  FaultHost& host_;
};

}  // namespace halfopen

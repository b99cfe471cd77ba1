// refuse: nobody listens. Dials are refused until the fault is removed; established connections
// never notice.
#pragma once

#include "proxy/shell/faults/active_fault.hpp"

namespace halfopen {

class RefuseFault final : public ActiveFault {
 public:
  explicit RefuseFault(FaultHost& host) : host_(host) {}

  void start(Instant now) override;
  // A Problem while somebody else has taken the port.
  [[nodiscard]] Result<void> stop(Instant now) override;
  [[nodiscard]] Result<void> change(const FaultConfig&) override { return {}; }

 private:
  FaultHost& host_;
};

}  // namespace halfopen

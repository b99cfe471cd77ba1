// Every fault that shapes the bytes of a stream: a stage in the chains of the proxy's connections.
#pragma once

#include "proxy/shell/faults/active_fault.hpp"

namespace halfopen {

class StreamFault final : public ActiveFault {
 public:
  explicit StreamFault(const StreamFaultConfig& config) : config_(config) {}

  void start(Instant now) override;
  [[nodiscard]] Result<void> stop(Instant now) override;
  [[nodiscard]] Result<void> change(const FaultConfig& config) override;

 private:
  StreamFaultConfig config_;
};

}  // namespace halfopen

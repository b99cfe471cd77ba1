#include "proxy/shell/faults/stream_fault.hpp"

namespace halfopen {

void StreamFault::start(Instant) {}

Result<void> StreamFault::stop(Instant) {
  return {};
}

Result<void> StreamFault::change(const FaultConfig& config) {
  config_ = std::get<StreamFaultConfig>(config);
  return {};
}

}  // namespace halfopen

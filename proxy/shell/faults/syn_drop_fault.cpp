#include "proxy/shell/faults/syn_drop_fault.hpp"

namespace halfopen {

void SynDropFault::start(Instant) {
  if (auto held = host_.listener().hold(HoldReason::kSynDrop); held.has_error()) {
    host_.report_failure(*this, std::nullopt, held.error());
  }
}

Result<void> SynDropFault::stop(Instant) {
  host_.listener().release(HoldReason::kSynDrop);
  return {};
}

}  // namespace halfopen

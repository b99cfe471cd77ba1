#include "proxy/shell/faults/refuse_fault.hpp"

namespace halfopen {

void RefuseFault::start(Instant) {
  host_.listener().add_close_reason(CloseReason::kRefused);
}

Result<void> RefuseFault::stop(Instant) {
  return host_.listener().remove_close_reason(CloseReason::kRefused);
}

}  // namespace halfopen

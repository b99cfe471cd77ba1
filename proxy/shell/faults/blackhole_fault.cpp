#include "proxy/shell/faults/blackhole_fault.hpp"

namespace halfopen {

void BlackholeFault::start(Instant) {
  // The listener first: a connection that it completes afterwards would be missed by the loop.
  if (auto held = host_.listener().hold(HoldReason::kBlackhole); held.has_error()) {
    host_.report_failure(*this, std::nullopt, held.error());
  }
  for (const auto& connection : host_.connections())
    handle_accepted(*connection);
}

void BlackholeFault::handle_accepted(Connection& connection) {
  if (auto held = connection.hold(HoldReason::kBlackhole); held.has_error()) {
    host_.report_failure(*this, connection.id(), held.error());
  }
}

Result<void> BlackholeFault::stop(Instant) {
  for (const auto& connection : host_.connections())
    connection->release(HoldReason::kBlackhole);
  host_.listener().release(HoldReason::kBlackhole);
  return {};
}

}  // namespace halfopen

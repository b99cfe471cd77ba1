#include "proxy/shell/faults/blackhole_fault.hpp"

namespace halfopen {

HoldReason BlackholeFault::reason() const {
  switch (config_.at) {
    case Cut::kInside:
      return HoldReason::kBlackholeInside;
    case Cut::kOutside:
      return HoldReason::kBlackholeOutside;
    case Cut::kNone:
    case Cut::kBoth:
      break;
  }
  return HoldReason::kBlackhole;
}

void BlackholeFault::start(Instant) {
  // The listener first: a connection that it completes afterwards would be missed by the loop.
  if (auto held = host_.listener().hold(HoldReason::kBlackhole); held.has_error()) {
    host_.report_failure(*this, std::nullopt, held.error());
  }
  for (const auto& connection : host_.connections())
    handle_accepted(*connection);
}

void BlackholeFault::handle_accepted(Connection& connection) {
  if (auto held = connection.hold(reason()); held.has_error()) {
    host_.report_failure(*this, connection.id(), held.error());
  }
}

Result<void> BlackholeFault::change(const FaultConfig& config) {
  const auto& changed = std::get<BlackholeConfig>(config);
  if (changed.at == config_.at) return {};
  const HoldReason before = reason();
  config_ = changed;
  // The new reason first: there is no moment without any.
  for (const auto& connection : host_.connections()) {
    if (!connection->is_held_by(before)) continue;
    handle_accepted(*connection);
    connection->release(before);
  }
  return {};
}

Result<void> BlackholeFault::stop(Instant) {
  for (const auto& connection : host_.connections())
    connection->release(reason());
  host_.listener().release(HoldReason::kBlackhole);
  return {};
}

}  // namespace halfopen

#include "proxy/shell/faults/blackhole_fault.hpp"

namespace halfopen {
namespace {

// Whose packets are lost, where only one side's are.
std::optional<LegId> unheard_leg(const BlackholeConfig& config) {
  switch (config.direction) {
    case BlackholeConfig::Direction::kUpstream:
      return LegId::kClient;
    case BlackholeConfig::Direction::kDownstream:
      return LegId::kUpstream;
    case BlackholeConfig::Direction::kBoth:
      break;
  }
  return std::nullopt;
}

}  // namespace

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
  const auto unheard = unheard_leg(config_);
  auto cut = unheard ? connection.set_lossy(*unheard, true) : connection.hold(reason());
  if (cut.has_error()) host_.report_failure(*this, connection.id(), cut.error());
}

void BlackholeFault::let_go(Connection& connection) {
  if (const auto unheard = unheard_leg(config_)) {
    // Detaching a filter does not fail.
    (void)connection.set_lossy(*unheard, false);
  } else {
    connection.release(reason());
  }
}

Result<void> BlackholeFault::change(const FaultConfig& config) {
  const auto& changed = std::get<BlackholeConfig>(config);
  if (changed.at == config_.at && changed.direction == config_.direction) return {};
  const BlackholeConfig before = config_;
  for (const auto& connection : host_.connections()) {
    // The new cut first: there is no moment without any.
    config_ = changed;
    handle_accepted(*connection);
    config_ = before;
    if (!connection->is_over()) let_go(*connection);
  }
  config_ = changed;
  return {};
}

Result<void> BlackholeFault::stop(Instant) {
  for (const auto& connection : host_.connections())
    let_go(*connection);
  host_.listener().release(HoldReason::kBlackhole);
  return {};
}

}  // namespace halfopen

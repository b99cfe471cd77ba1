#include "proxy/shell/faults/asymmetric_fault.hpp"

#include "metrics/clock.hpp"

namespace halfopen {
namespace {

constexpr const char* kReason = "asymmetric";

LegEnd end_of(AsymmetricConfig::How how) {
  switch (how) {
    case AsymmetricConfig::How::kRst:
      return LegEnd::kRst;
    case AsymmetricConfig::How::kFin:
      return LegEnd::kFin;
    case AsymmetricConfig::How::kSilent:
      break;
  }
  return LegEnd::kVanish;
}

}  // namespace

Result<void> AsymmetricFault::stop(Instant) {
  for (const auto& connection : host_.connections())
    connection->release(HoldReason::kAsymmetric);
  return {};
}

Result<void> AsymmetricFault::change(const FaultConfig&) {
  return Problem{"an asymmetric cannot be changed, delete it and add another"};
}

void AsymmetricFault::handle_connected(Connection& connection) {
  aimed_.handle_connected(connection, monotonic_now());
}

void AsymmetricFault::handle_timeout(Instant now) {
  for (const ConnectionId id : aimed_.take_due(now)) {
    // What happened to one of them may have ended another.
    if (Connection* connection = host_.find_connection(id)) forget(*connection);
  }
}

void AsymmetricFault::forget(Connection& connection) {
  // What had come before still belongs to the other side.
  connection.catch_up();
  if (connection.is_over()) return;
  const LegId forgotten = config_.forget == PeerSide::kClient ? LegId::kClient : LegId::kUpstream;
  const LegId unaware = other(forgotten);
  host_.write_event("side_forgotten",
                    {{"conn", connection.id().value()}, {"side", to_text(config_.forget)}});
  // How many resets there are is known for the one that leaves now and those that are armed.
  const bool unaware_is_reset = config_.then == AsymmetricConfig::Then::kRst;
  const bool told_by_reset = config_.how != AsymmetricConfig::How::kFin;
  host_.metrics().count_reset(ResetCause::kAsymmetric,
                              (unaware_is_reset ? 1 : 0) + (told_by_reset ? 1 : 0));
  if (unaware_is_reset) {
    connection.end_leg(unaware, LegEnd::kVanish, kReason);
  } else if (auto held = connection.hold_leg(unaware, HoldReason::kAsymmetric); held.has_error()) {
    host_.report_failure(*this, connection.id(), held.error());
  }
  connection.end_leg(forgotten, end_of(config_.how), kReason);
}

}  // namespace halfopen

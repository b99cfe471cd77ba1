#include "proxy/shell/faults/peer_restart_fault.hpp"

namespace halfopen {
namespace {

constexpr Duration kReopenInterval = std::chrono::milliseconds(50);

}  // namespace

void PeerRestartFault::start(Instant now) {
  if (life_.handle_start(now) != PeerLifeAction::kGoDown) return;
  host_.write_event("peer_down", {{"kind", to_text(config_.kind)}});
  go_down();
}

Result<void> PeerRestartFault::stop(Instant now) {
  if (is_over()) return {};
  (void)life_.handle_removed();
  auto booted = boot();
  if (booted.has_error()) reopen_at_ = now + kReopenInterval;
  return booted;
}

Result<void> PeerRestartFault::change(const FaultConfig&) {
  return Problem{"a peer_restart that has begun cannot be changed, delete it and add another"};
}

void PeerRestartFault::handle_timeout(Instant now) {
  const bool booting = life_.handle_timeout(now) == PeerLifeAction::kBoot;
  const bool retrying = reopen_at_ && now >= *reopen_at_;
  if (!booting && !retrying) return;
  if (auto booted = boot(); booted.has_error()) {
    if (booting) host_.report_failure(*this, std::nullopt, booted.error());
    reopen_at_ = now + kReopenInterval;
  }
}

std::optional<Instant> PeerRestartFault::next_deadline() const {
  return reopen_at_ ? reopen_at_ : life_.next_deadline();
}

void PeerRestartFault::go_down() {
  if (!keeps_silence()) {
    host_.listener().add_close_reason(CloseReason::kPeerDown);
    return close_connections();
  }
  if (auto held = host_.listener().hold(HoldReason::kPowerLoss); held.has_error()) {
    host_.report_failure(*this, std::nullopt, held.error());
  }
  for (const auto& connection : host_.connections())
    handle_accepted(*connection);
}

void PeerRestartFault::handle_accepted(Connection& connection) {
  if (!keeps_silence() || !life_.is_down()) return;
  if (auto held = connection.hold(HoldReason::kPowerLoss); held.has_error()) {
    host_.report_failure(*this, connection.id(), held.error());
  }
}

void PeerRestartFault::close_connections() {
  for (const auto& connection : host_.connections()) {
    if (connection->is_held()) continue;
    // A kernel that closes for a crashed process resets where the process had not read everything.
    const bool unread =
        config_.kind == RestartKind::kCrash && connection->has_unforwarded(LegId::kClient);
    if (unread) host_.metrics().count_reset(ResetCause::kPeerRestart);
    connection->end(unread ? LegEnd::kRst : LegEnd::kFin, LegEnd::kFin, "peer_restart");
  }
}

Result<void> PeerRestartFault::boot() {
  if (keeps_silence()) {
    // The listener first: while it is filtered the kernel would swallow what should draw a reset.
    host_.listener().release(HoldReason::kPowerLoss);
    reset_what_the_peer_forgot();
  } else {
    if (auto opened = host_.listener().remove_close_reason(CloseReason::kPeerDown);
        opened.has_error()) {
      return opened;
    }
  }
  reopen_at_.reset();
  host_.write_event("peer_up", {{"kind", to_text(config_.kind)}});
  return {};
}

void PeerRestartFault::reset_what_the_peer_forgot() {
  for (const auto& connection : host_.connections()) {
    bool silent_for_others = false;
    for (const LegId leg : {LegId::kClient, LegId::kUpstream}) {
      const unsigned others =
          connection->leg(leg).hold_reasons() & ~static_cast<unsigned>(HoldReason::kPowerLoss);
      silent_for_others = silent_for_others || others != 0;
    }
    if (silent_for_others) {
      connection->release(HoldReason::kPowerLoss);
      continue;
    }
    if (!connection->is_held()) continue;
    host_.metrics().count_reset(ResetCause::kPeerRestart, 2);
    connection->end(LegEnd::kVanish, LegEnd::kVanish, "peer_restart");
  }
}

}  // namespace halfopen

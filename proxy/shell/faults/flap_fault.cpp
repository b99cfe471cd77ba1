#include "proxy/shell/faults/flap_fault.hpp"

#include <algorithm>

#include "metrics/clock.hpp"

namespace halfopen {
namespace {

constexpr Duration kReopenInterval = std::chrono::milliseconds(50);

}  // namespace

void FlapFault::start(Instant now) {
  FlapConfig seeded = config_;
  if (seeded.seed == 0) seeded.seed = host_.seed();
  schedule_.emplace(seeded, now);
}

Result<void> FlapFault::stop(Instant now) {
  if (is_down()) come_up(now);
  schedule_.reset();
  if (!reopen_at_) return {};
  return host_.listener().open();
}

Result<void> FlapFault::change(const FaultConfig& config) {
  const Instant now = monotonic_now();
  HALFOPEN_CHECK(stop(now));
  config_ = std::get<FlapConfig>(config);
  start(now);
  return {};
}

void FlapFault::handle_accepted(Connection& connection) {
  if (!is_down() || !is_silent()) return;
  if (auto held = connection.hold(HoldReason::kFlap); held.has_error()) {
    host_.report_failure(*this, connection.id(), held.error());
  }
}

void FlapFault::handle_timeout(Instant now) {
  if (!schedule_) return;
  // A change costs work on every connection. Where that takes longer than a phase, whole rounds are
  // left out: else each wake-up would find more of them due than the last one did.
  constexpr int kChangesAtOnce = 2;
  int changes = 0;
  std::optional<FlapAction> last;
  while (const auto action = schedule_->handle_timeout(now)) {
    if (++changes <= kChangesAtOnce) act(*action, now);
    last = action;
  }
  if (changes > kChangesAtOnce && changes % 2 == 1) act(*last, now);
  if (!reopen_at_ || now < *reopen_at_) return;
  reopen_at_.reset();
  if (host_.listener().open().has_error()) reopen_at_ = now + kReopenInterval;
}

void FlapFault::act(FlapAction action, Instant now) {
  if (action == FlapAction::kGoDown) {
    go_down();
  } else {
    come_up(now);
  }
}

void FlapFault::go_down() {
  host_.write_event("flap_down", {{"how", to_text(config_.how)}, {"round", schedule_->rounds()}});
  reopen_at_.reset();
  if (is_silent()) {
    // The listener first: a connection that it completes afterwards would be missed by the loop.
    if (auto held = host_.listener().hold(HoldReason::kFlap); held.has_error()) {
      host_.report_failure(*this, std::nullopt, held.error());
    }
    for (const auto& connection : host_.connections())
      handle_accepted(*connection);
    return;
  }
  host_.listener().add_close_reason(CloseReason::kFlap);
  if (config_.how != FlapConfig::How::kReset) return;
  for (const auto& connection : host_.connections()) {
    // Nobody hears a reset behind a cut cable.
    if (connection->is_held()) continue;
    host_.metrics().count_reset(ResetCause::kFlap, 2);
    connection->end(LegEnd::kRst, LegEnd::kRst, "flap");
  }
}

void FlapFault::come_up(Instant now) {
  host_.write_event("flap_up", {{"how", to_text(config_.how)}, {"round", schedule_->rounds()}});
  if (is_silent()) {
    for (const auto& connection : host_.connections())
      connection->release(HoldReason::kFlap);
    host_.listener().release(HoldReason::kFlap);
    return;
  }
  if (auto opened = host_.listener().remove_close_reason(CloseReason::kFlap); opened.has_error()) {
    host_.report_failure(*this, std::nullopt, opened.error());
    reopen_at_ = now + kReopenInterval;
  }
}

std::optional<Instant> FlapFault::next_deadline() const {
  const auto change = schedule_ ? schedule_->next_deadline() : std::nullopt;
  if (!reopen_at_ || !change) return reopen_at_ ? reopen_at_ : change;
  return std::min(*reopen_at_, *change);
}

bool FlapFault::is_over() const {
  return schedule_ && schedule_->is_over() && !reopen_at_;
}

}  // namespace halfopen

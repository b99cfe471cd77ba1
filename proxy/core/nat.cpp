#include "proxy/core/nat.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace halfopen {

NatMapping::SideState NatMapping::first_state(const Look& look) {
  SideState state;
  state.look = look;
  state.look_began_at = look.began_at;
  state.swallowed_segments = look.swallowed_segments;
  state.retransmissions = look.retransmissions;
  state.owes_ack = look.has_outstanding_data;
  return state;
}

NatMapping::NatMapping(const NatConfig& config, const Look& inside, const Look& outside)
    : config_(config),
      sides_{first_state(inside), first_state(outside)},
      refreshed_at_(std::max(inside.ended_at, outside.ended_at)) {
  HALFOPEN_ASSERT(config.idle_timeout > Duration{0});
}

NatMapping::NatMapping(const NatConfig& config, const Look& inside, const Look& outside,
                       RefreshCause cause, Cut cut)
    : NatMapping(config, inside, outside) {
  last_cause_ = cause;
  unanswered_in_cut_ = cut != Cut::kNone;
}

Duration NatMapping::timeout() const {
  const bool unacknowledged =
      unanswered_in_cut_ || std::any_of(sides_.begin(), sides_.end(),
                                        [](const SideState& side) { return side.owes_ack; });
  if (awaits_repeat_) return std::max(config_.idle_timeout, kRepeatIntervalMax);
  return unacknowledged ? shortest_timeout(config_) : config_.idle_timeout;
}

std::optional<RefreshCause> NatMapping::handle_look(NatSide side, const Look& look, Cut cut) {
  SideState& state = sides_.at(index_of(side));
  HALFOPEN_ASSERT(look.ended_at >= look.began_at && look.began_at >= state.look_began_at);
  const Instant arrived_at = date_of_arrival(state, look);
  const auto cause = packet_in_look(side, look, cut);
  state.look_began_at = look.began_at;
  state.swallowed_segments = look.swallowed_segments;
  state.retransmissions = look.retransmissions;
  if (!cause || (config_.refresh_by == RefreshBy::kBytes && cause != RefreshCause::kData)) {
    return std::nullopt;
  }
  awaits_repeat_ = false;
  refreshed_at_ = std::max(refreshed_at_, arrived_at);
  last_cause_ = cause;
  return cause;
}

std::optional<RefreshCause> NatMapping::packet_in_look(NatSide side, const Look& look, Cut cut) {
  SideState& state = sides_.at(index_of(side));
  const bool is_cut = cut != Cut::kNone;
  // In a cut its acknowledgements are swallowed and not seen here.
  if (!is_cut || !reaches_nat(side, cut)) state.owes_ack = look.has_outstanding_data;
  const Arrival arrival = classify(state.look, look);
  // While nothing arrives the first look's stamp is kept: had it been replaced each time, a slow
  // drift of the wobble could hide or fake a movement.
  if (arrival != Arrival::kNothing) {
    state.look = look;
    if (!is_cut) unanswered_in_cut_ = false;
    return cause_of(arrival);
  }
  if (config_.refresh_by == RefreshBy::kBytes) return std::nullopt;
  if (is_cut && reaches_nat(side, cut)) {
    if (const auto cause = packet_in_cut(state, look)) return cause;
  }
  // What our leg repeats came from the other side, which in an unbroken connection repeats it.
  const bool repeated = look.retransmissions != state.retransmissions;
  if (repeated && reaches_nat(other(side), cut)) return RefreshCause::kData;
  return std::nullopt;
}

// The latest moment at which what this look shows can have come: late rather than early.
Instant NatMapping::date_of_arrival(const SideState& state, const Look& look) const {
  // A probe, which has no date, may hide behind an ACK only if it had the time to follow it.
  if (look.ended_at - state.look_began_at >= kProbeSpacingMin) return look.ended_at;
  const Arrival arrival = classify(state.look, look);
  if (arrival != Arrival::kData && arrival != Arrival::kAck) return look.ended_at;
  return std::min(look.ended_at, look.ended_at - look.last_ack_age + look.last_ack_error);
}

std::optional<RefreshCause> NatMapping::packet_in_cut(SideState& state, const Look& look) {
  const std::uint32_t packets = look.swallowed_segments - state.swallowed_segments;
  if (packets == 0) return std::nullopt;
  state.owes_ack = false;  // every packet of a side acknowledges what that side has
  const Instant previous = packets > 1
                               ? state.look_began_at
                               : state.swallowed_at.value_or(look.ended_at - kProbeSpacingMin);
  state.swallowed_at = look.ended_at;
  if (look.ended_at - previous >= kProbeSpacingMin) {
    return unanswered_in_cut_ ? RefreshCause::kData : RefreshCause::kKeepalive;
  }
  unanswered_in_cut_ = true;
  return RefreshCause::kData;
}

void NatMapping::handle_quiet(Instant at) {
  for (SideState& side : sides_)
    side.look_began_at = std::max(side.look_began_at, at);
}

Look NatMapping::known(NatSide side) const {
  const SideState& state = sides_.at(index_of(side));
  Look known = state.look;
  known.swallowed_segments = state.swallowed_segments;
  known.retransmissions = state.retransmissions;
  return known;
}

std::optional<Expiry> NatMapping::handle_timeout(Instant now) const {
  if (now < deadline()) return std::nullopt;
  for (const SideState& side : sides_) {
    if (side.look_began_at < deadline()) return std::nullopt;
  }
  return expiry(now);
}

}  // namespace halfopen

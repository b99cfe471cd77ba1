#include "proxy/core/nat.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace halfopen {
namespace {

// TCP_INFO dates the last ACK as an age, rounded to the kernel's tick (up to 10 ms) and to a
// millisecond. A stamp that moves by less than this has not moved; real ones of an idle connection
// move by a second and more, the granularity of keep-alive.
constexpr Duration kStampWobble = std::chrono::milliseconds(25);

constexpr std::size_t index_of(NatSide side) {
  return side == NatSide::kInside ? 0 : 1;
}

SideFate fate_of(OnNextPacket action) {
  return action == OnNextPacket::kRst ? SideFate::kRstNextPacket : SideFate::kDropNextPacket;
}

// Whether an ACK that fits into the window came between the looks, beyond doubt: the later stamp
// as early as it can be against the earlier one as late as it can be.
bool last_ack_moved(const Look& before, const Look& after) {
  const Instant earliest = after.began_at - after.last_ack_age;
  const Instant latest = before.ended_at - before.last_ack_age;
  return earliest - latest > kStampWobble;
}

std::optional<RefreshCause> cause_of(Arrival arrival, RefreshBy refresh_by) {
  switch (arrival) {
    case Arrival::kData:
      return RefreshCause::kData;
    case Arrival::kAck:
      if (refresh_by == RefreshBy::kBytes) return std::nullopt;
      return RefreshCause::kAck;
    case Arrival::kKeepalive:
      if (refresh_by == RefreshBy::kBytes) return std::nullopt;
      return RefreshCause::kKeepalive;
    case Arrival::kNothing:
    case Arrival::kAnswerToOwnProbe:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

Arrival classify(const Look& before, const Look& after) {
  // Counters are compared for change, not order: they wrap around at 2^32.
  if (after.segments_in == before.segments_in) return Arrival::kNothing;
  if (after.data_segments_in != before.data_segments_in) return Arrival::kData;
  // A window update and a FIN acknowledge nothing new but are packets of the flow all the same.
  if (after.bytes_acked != before.bytes_acked ||
      after.peer_window_bytes != before.peer_window_bytes || after.tcp_state != before.tcp_state) {
    return Arrival::kAck;
  }
  // The kernel notes the time of every ACK that fits into the window. A probe lies outside of it.
  // Our kernel probes (a closed window) or repeats itself only while it has data to get rid of.
  if (after.has_outstanding_data && last_ack_moved(before, after)) {
    return Arrival::kAnswerToOwnProbe;
  }
  return Arrival::kKeepalive;
}

std::string_view to_text(RefreshCause cause) {
  switch (cause) {
    case RefreshCause::kData:
      return "data";
    case RefreshCause::kAck:
      return "ack";
    case RefreshCause::kKeepalive:
      return "keepalive";
  }
  return "";
}

std::array<SideFate, 2> fates_at_expiry(const NatConfig& config) {
  switch (config.on_expiry) {
    case OnExpiry::kRstBoth:
      return {SideFate::kRstNow, SideFate::kRstNow};
    case OnExpiry::kFinBoth:
      return {SideFate::kFinNow, SideFate::kFinNow};
    case OnExpiry::kRstInside:
      return {SideFate::kRstNow, fate_of(config.on_next_packet_outside)};
    case OnExpiry::kNone:
      break;
  }
  return {fate_of(config.on_next_packet_inside), fate_of(config.on_next_packet_outside)};
}

NatMapping::NatMapping(const NatConfig& config, const Look& inside, const Look& outside)
    : config_(config),
      sides_{SideState{inside, inside.began_at}, SideState{outside, outside.began_at}},
      refreshed_at_(std::max(inside.ended_at, outside.ended_at)) {
  HALFOPEN_ASSERT(config.idle_timeout > Duration{0});
}

std::optional<RefreshCause> NatMapping::handle_look(NatSide side, const Look& look) {
  SideState& state = sides_.at(index_of(side));
  HALFOPEN_ASSERT(look.ended_at >= look.began_at && look.began_at >= state.look_began_at);
  const Arrival arrival = classify(state.look, look);
  // While nothing arrives the first look's stamp is kept: had it been replaced each time, a slow
  // drift of the wobble could hide or fake a movement.
  if (arrival != Arrival::kNothing) state.look = look;
  state.look_began_at = look.began_at;
  const auto cause = cause_of(arrival, config_.refresh_by);
  if (cause) {
    // The end, since the packet may have come at any time before it: late rather than early.
    refreshed_at_ = std::max(refreshed_at_, look.ended_at);
    last_cause_ = cause;
  }
  return cause;
}

std::optional<Expiry> NatMapping::handle_timeout(Instant now) const {
  if (now < deadline()) return std::nullopt;
  for (const SideState& side : sides_) {
    if (side.look_began_at < deadline()) return std::nullopt;
  }
  return Expiry{now - refreshed_at_, last_cause_, fates_at_expiry(config_)};
}

}  // namespace halfopen

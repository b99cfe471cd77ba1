// What a NAT does with the packets that come after a mapping is gone: the second half of NatFault.
#include "proxy/shell/faults/nat_fault.hpp"

namespace halfopen {
namespace {

constexpr const char* kReason = "nat_expiry";

const char* to_text(NatSide side) {
  return side == NatSide::kInside ? "inside" : "outside";
}

}  // namespace

void NatFault::meet_fate(Connection& connection, NatSide side, SideFate fate) {
  const LegId leg = leg_of(side);
  Result<void> done;
  switch (fate) {
    case SideFate::kRstNextPacket:
      if (!connection.is_held_by_others(HoldReason::kNat)) return arm_reset(connection, side);
      done = connection.hold_leg(leg, HoldReason::kNat);
      break;
    case SideFate::kDropNextPacket:
    case SideFate::kRstWhenSeen:
      done = connection.hold_leg(leg, HoldReason::kNat);
      break;
    case SideFate::kReviveNextPacket:
      done = connection.hear_fins(leg, HearFins::kNo);
      break;
    case SideFate::kRstNow:
      host_.metrics().count_reset(ResetCause::kNatExpiry);
      return connection.end_leg(leg, LegEnd::kRst, kReason);
    case SideFate::kFinNow:
      return connection.end_leg(leg, LegEnd::kFin, kReason);
  }
  if (done.has_value()) return;
  if (const auto found = expired_.find(connection.id()); found != expired_.end()) {
    if (!connection.leg(leg).is_open()) found->second.handle_ended(side);
  }
  host_.report_failure(*this, connection.id(), done.error());
}

void NatFault::arm_reset(Connection& connection, NatSide side) {
  if (const auto found = expired_.find(connection.id()); found != expired_.end()) {
    found->second.handle_ended(side);
  }
  // The kernel will answer the next segment; nobody tells the proxy when. It counts now.
  host_.metrics().count_reset(ResetCause::kNatNextPacket);
  write_next_packet(connection, side, "rst", false);
  connection.end_leg(leg_of(side), LegEnd::kVanish, kReason);
}

void NatFault::watch_expired(Connection& connection) {
  for (const NatSide side : kNatSides) {
    const auto found = expired_.find(connection.id());
    if (found == expired_.end()) return;
    const ExpiredMapping& expired = found->second;
    if (expired.awaits(side) && expired.fate(side) == SideFate::kRstNextPacket) {
      // It had to wait for a cable to be healed.
      if (!connection.is_held_by_others(HoldReason::kNat)) arm_reset(connection, side);
    } else {
      look_at_expired(connection, side);
    }
  }
  const auto found = expired_.find(connection.id());
  if (found == expired_.end() || !found->second.is_settled()) return;
  expired_.erase(found);
  unwatch(connection.id());
  update_gauges();
}

void NatFault::look_at_expired(Connection& connection, NatSide side) {
  const auto found = expired_.find(connection.id());
  if (found == expired_.end()) return;
  const auto seen = look_at_side(connection, side);
  if (!seen) return;
  const Cut cut = cut_of(connection);
  AfterLook after = found->second.handle_look(side, *seen, cut);
  if (after.what == AfterExpiry::kNothing && cut == Cut::kNone && found->second.may_revive(side) &&
      connection.has_unread(leg_of(side))) {
    // It had come before the cable was cut and was not moved on: in an unbroken connection it would
    // be repeated now.
    after = {AfterExpiry::kRevived, side, RefreshCause::kData};
  }
  act_on(connection, after);
}

void NatFault::act_on(Connection& connection, const AfterLook& after) {
  const NatSide side = after.side;
  switch (after.what) {
    case AfterExpiry::kNothing:
      return;
    case AfterExpiry::kSwallowed:
      return write_next_packet(connection, side, "drop", true);
    case AfterExpiry::kRevived:
      return revive(connection, after);
    case AfterExpiry::kReset:
      return reset_seen(connection, side);
    case AfterExpiry::kGone:
      return handle_gone(connection, side);
  }
}

void NatFault::revive(Connection& connection, const AfterLook& after) {
  const auto inside = look_at_side(connection, NatSide::kInside);
  const auto outside = look_at_side(connection, NatSide::kOutside);
  if (!inside || !outside) return;
  const Cut cut = cut_of(connection);
  NatMapping mapping{config_, *inside, *outside, *after.cause, cut};
  if (after.was_ours && cut == Cut::kNone) mapping.handle_lost_repeat();
  expired_.erase(connection.id());
  watch(connection, mappings_.insert_or_assign(connection.id(), mapping).first->second);
  host_.write_event("nat_revived", {{"conn", connection.id().value()},
                                    {"side", to_text(after.side)},
                                    {"cause", halfopen::to_text(*after.cause)}});
  update_gauges();
  for (const LegId leg : {LegId::kClient, LegId::kUpstream})
    (void)connection.hear_fins(leg, HearFins::kYes);
  connection.release(HoldReason::kNat);
  // Data is relayed; a probe or a bare ACK is not, and in an unbroken connection it would have
  // reached the far end, which may not know the connection any more.
  if (*after.cause != RefreshCause::kData && !connection.is_over()) {
    connection.probe(leg_of(other(after.side)));
  }
}

void NatFault::reset_seen(Connection& connection, NatSide side) {
  // The other side first: from now on nobody can revive, and it stays half-open until it speaks. If
  // it has closed already nothing answers its FINs, whatever the NAT has done to its peer.
  const NatSide unaware = other(side);
  const bool has_closed = expired_.at(connection.id()).has_closed(unaware);
  if (has_closed) {
    expired_.at(connection.id()).handle_ended(unaware);
    meet_fate(connection, unaware, SideFate::kDropNextPacket);
  } else if (connection.leg(leg_of(unaware)).is_open()) {
    arm_reset(connection, unaware);
  }
  host_.metrics().count_reset(ResetCause::kNatNextPacket);
  write_next_packet(connection, side, "rst", true);
  connection.reset_silent_leg(leg_of(side), HoldReason::kNat, kReason);
}

void NatFault::handle_gone(Connection& connection, NatSide side) {
  // Its RST made no mapping, so the other side is not told. What that sends later finds a NAT, or
  // behind it a host, that knows nothing of it.
  const NatSide unaware = other(side);
  const SideFate fate = expired_.at(connection.id()).fate(unaware);
  connection.end_leg(leg_of(side), LegEnd::kRst, kReason);
  if (fate == SideFate::kRstWhenSeen || fate == SideFate::kReviveNextPacket) {
    arm_reset(connection, unaware);
  }
}

void NatFault::write_next_packet(const Connection& connection, NatSide side, const char* action,
                                 bool seen) {
  host_.write_event("nat_next_packet", {{"conn", connection.id().value()},
                                        {"side", to_text(side)},
                                        {"action", action},
                                        {"seen", seen}});
}

}  // namespace halfopen

#include "proxy/core/nat_expired.hpp"

namespace halfopen {

ExpiredMapping::ExpiredMapping(const SideFates& fates, const Look& inside, const Look& outside)
    : sides_{SideState{fates[0], inside}, SideState{fates[1], outside}} {
  for (SideState& side : sides_) {
    side.awaited = side.fate != SideFate::kRstNow && side.fate != SideFate::kFinNow;
  }
}

AfterLook ExpiredMapping::handle_look(NatSide side, const Look& look, Cut cut) {
  SideState& state = sides_.at(index_of(side));
  const bool repeated = look.retransmissions != state.look.retransmissions;
  AfterLook after = after_look(side, look, cut);
  if (after.what == AfterExpiry::kNothing && repeated && may_revive(other(side)) &&
      reaches_nat(other(side), cut)) {
    after = {AfterExpiry::kRevived, other(side), RefreshCause::kData, true};
  }
  state.look = look;
  return after;
}

AfterLook ExpiredMapping::after_look(NatSide side, const Look& look, Cut cut) {
  SideState& state = sides_.at(index_of(side));
  if (!state.awaited) return {};
  const bool swallowed = look.swallowed_segments != state.look.swallowed_segments;
  switch (state.fate) {
    case SideFate::kDropNextPacket:
      if (!swallowed || !reaches_nat(side, cut)) return {};
      state.awaited = false;
      return {AfterExpiry::kSwallowed, side, std::nullopt};
    case SideFate::kRstWhenSeen:
      if (!swallowed || cut != Cut::kNone) return {};
      state.awaited = false;
      return {AfterExpiry::kReset, side, std::nullopt};
    case SideFate::kReviveNextPacket:
      if (!reaches_nat(side, cut)) return {};
      return after_revivable(side, look, cut);
    case SideFate::kRstNextPacket:
    case SideFate::kRstNow:
    case SideFate::kFinNow:
      return {};
  }
  return {};
}

AfterLook ExpiredMapping::after_revivable(NatSide side, const Look& look, Cut cut) {
  SideState& state = sides_.at(index_of(side));
  const Arrival arrival = classify(state.look, look);
  // Data came before the RST that followed it, and makes the mapping that the RST then ends.
  if (look.tcp_state == kTcpStateClosed && arrival != Arrival::kData) {
    state.awaited = false;
    return {AfterExpiry::kGone, side, std::nullopt};
  }
  if (const auto cause = cause_of(arrival)) return {AfterExpiry::kRevived, side, cause};
  if (look.swallowed_segments == state.look.swallowed_segments) return {};
  // In a cut the filter swallows everything and cannot say what; outside of one, only a FIN.
  if (cut != Cut::kNone) return {AfterExpiry::kRevived, side, RefreshCause::kData};
  if (state.told) return {};
  state.told = true;
  return {AfterExpiry::kSwallowed, side, std::nullopt};
}

}  // namespace halfopen

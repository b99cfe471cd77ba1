// A mapping that is gone, and what the packets that come afterwards do to it.
//
//   expired --(packet of a side that may revive)--> revived
//      |----(packet of a side that is dropped)----> told once, still expired
//      |----(packet of a side that is reset)------> that side is reset; the other's turn is next
//      +----(RST of a side that may revive)-------> that side is gone; the other never learns it
//
// Intuition: a Linux NAT makes an entry again from whatever the inside sends next, except from a
// FIN or a RST. The FIN is swallowed by a filter (so the counters show it and TCP does not); a RST
// ends the leg. What our other leg repeats stands for what the sender would repeat.
//
// Invariants: what comes while the cable is cut counts only where it reaches the NAT, and resets
// nobody; each silent side's first packet is told once.
#pragma once

#include <array>
#include <optional>

#include "proxy/core/nat_config.hpp"
#include "proxy/core/nat_look.hpp"

namespace halfopen {

enum class AfterExpiry : std::uint8_t {
  kNothing,
  kSwallowed,  // the first packet of this side came and was dropped
  kRevived,    // the mapping is made anew
  kReset,      // this side is to be reset now
  kGone,       // this side has reset its connection
};
struct AfterLook {
  AfterExpiry what = AfterExpiry::kNothing;
  NatSide side = NatSide::kInside;    // whose packet it was
  std::optional<RefreshCause> cause;  // of kRevived
  bool was_ours = false;              // the packet was one that our other leg repeated
};

class ExpiredMapping {
 public:
  // The last looks at which the mapping still lived.
  ExpiredMapping(const SideFates& fates, const Look& inside, const Look& outside);

  [[nodiscard]] AfterLook handle_look(NatSide side, const Look& look, Cut cut);
  // The side has ended, or nothing that it does matters any more.
  void handle_ended(NatSide side) { sides_.at(index_of(side)).awaited = false; }

  [[nodiscard]] SideFate fate(NatSide side) const { return sides_.at(index_of(side)).fate; }
  // Whether a packet of this side still changes something.
  [[nodiscard]] bool awaits(NatSide side) const { return sides_.at(index_of(side)).awaited; }
  [[nodiscard]] bool is_settled() const { return !sides_[0].awaited && !sides_[1].awaited; }
  // Whether a packet of this side makes the mapping anew.
  [[nodiscard]] bool may_revive(NatSide side) const {
    return awaits(side) && fate(side) == SideFate::kReviveNextPacket;
  }
  // Whether a side that may revive has sent a FIN.
  [[nodiscard]] bool has_closed(NatSide side) const { return sides_.at(index_of(side)).told; }

 private:
  struct SideState {
    SideFate fate;
    Look look;
    bool awaited = true;
    bool told = false;
  };
  [[nodiscard]] AfterLook after_look(NatSide side, const Look& look, Cut cut);
  [[nodiscard]] AfterLook after_revivable(NatSide side, const Look& look, Cut cut);

  std::array<SideState, 2> sides_;
};

}  // namespace halfopen

// The idle model of a NAT: one mapping a connection, refreshed by packets, expiring when none came.
//
// Invariants:
// - A mapping never expires early: it expires no sooner than its timeout after the end of the last
//   look that showed a packet, and only on looks at both legs that began after that deadline.
// - A look takes time: whoever takes it may be preempted in the middle of it. It carries when it
//   began and ended, and what cannot be told apart within that span counts as a refresh.
// - Expiry is late by at most one sampling interval, since a packet is dated by the look that found
//   it. It is exact where only bytes refresh, as data wakes the proxy; a probe does not, nor does a
//   bare ACK, such as the one that relayed data draws from the other leg. But of an ACK the kernel
//   tells the age, to a tick, which dates it better than a look that came late.
// - While the cable is cut, what a filter swallows on the side that still reaches the NAT is a
//   packet of that side, and what our own leg repeats stands for its sender's retransmission.
// - Times come in as parameters; there is no clock here.
#pragma once

#include <array>
#include <optional>

#include "proxy/core/nat_config.hpp"
#include "proxy/core/nat_look.hpp"

namespace halfopen {

// Keep-alive probes are whole seconds apart: packets of one side that come closer than this are
// not both probes, so data is on its way.
inline constexpr Duration kProbeSpacingMin = std::chrono::milliseconds(500);

struct Expiry {
  Duration idle{0};
  std::optional<RefreshCause> last_cause;  // nothing when no packet came since the mapping began
};

// Retransmissions are at most this far apart.
inline constexpr Duration kRepeatIntervalMax = std::chrono::seconds(120);

// One connection's mapping. Made when both legs are up, destroyed with the connection or by expiry.
class NatMapping {
 public:
  NatMapping(const NatConfig& config, const Look& inside, const Look& outside);
  // The mapping that a packet made anew. In a cut nobody answers it yet.
  NatMapping(const NatConfig& config, const Look& inside, const Look& outside, RefreshCause cause,
             Cut cut);

  // Folds a look in; answers why the mapping was refreshed, if it was. Changes deadline().
  [[nodiscard]] std::optional<RefreshCause> handle_look(NatSide side, const Look& look,
                                                        Cut cut = Cut::kNone);
  // A cheaper question than a look has told that nothing had come on either side by then.
  void handle_quiet(Instant at);
  // Judges expiry. Does nothing unless both sides were looked at after the deadline, so neither a
  // stalled timer nor a stall between the looks can expire a mapping that packets kept alive.
  [[nodiscard]] std::optional<Expiry> handle_timeout(Instant now) const;
  // The packet that made the mapping anew was one of our own leg, which its silence swallowed. In
  // an unbroken connection it would have passed: the mapping waits for it to be repeated.
  void handle_lost_repeat() { awaits_repeat_ = true; }
  // Takes other settings over; the time of the last refresh stays.
  void handle_config(const NatConfig& config) { config_ = config; }

  [[nodiscard]] Instant deadline() const { return refreshed_at_ + timeout(); }
  // Whether a side owes an ACK: a packet of the flow is yet to come.
  [[nodiscard]] bool awaits_ack() const { return sides_[0].owes_ack || sides_[1].owes_ack; }
  [[nodiscard]] Instant refreshed_at() const { return refreshed_at_; }
  // What was known of the side by its newest look.
  [[nodiscard]] Look known(NatSide side) const;
  [[nodiscard]] std::uint32_t swallowed_segments(NatSide side) const {
    return sides_.at(index_of(side)).swallowed_segments;
  }
  // How the mapping stands now, for one that is forgotten before its time.
  [[nodiscard]] Expiry expiry(Instant now) const { return {now - refreshed_at_, last_cause_}; }

 private:
  struct SideState {
    Look look;              // the first one since the last arrival
    Instant look_began_at;  // of the newest look
    std::uint32_t swallowed_segments = 0;
    std::uint32_t retransmissions = 0;
    bool owes_ack = false;  // this side was sent data that it has not acknowledged
    std::optional<Instant> swallowed_at;
  };
  [[nodiscard]] static SideState first_state(const Look& look);
  [[nodiscard]] std::optional<RefreshCause> packet_in_look(NatSide side, const Look& look, Cut cut);
  [[nodiscard]] Instant date_of_arrival(const SideState& state, const Look& look) const;
  [[nodiscard]] std::optional<RefreshCause> packet_in_cut(SideState& state, const Look& look);
  [[nodiscard]] Duration timeout() const;

  NatConfig config_;
  std::array<SideState, 2> sides_;
  Instant refreshed_at_;
  std::optional<RefreshCause> last_cause_;
  bool unanswered_in_cut_ = false;
  bool awaits_repeat_ = false;
};

}  // namespace halfopen

// The idle model of a NAT: one mapping a connection, refreshed by packets, expiring when none came.
//
// Intuition: a terminating proxy sees no packets, but its kernel counts them. The change between
// two looks at TCP_INFO tells what arrived on a leg, even a keep-alive probe that carries no byte.
//
// Invariants:
// - A mapping never expires early: it expires no sooner than `idle_timeout` after the end of the
//   last look that showed growth, and only on looks at both legs that began after that deadline.
// - A look takes time: whoever takes it may be preempted in the middle of it. It carries when it
//   began and ended, and what cannot be told apart within that span counts as a refresh.
// - Expiry is late by at most one sampling interval, since a packet is dated by the look that found
//   it. It is exact where only bytes refresh, as data wakes the proxy; a probe does not, nor does a
//   bare ACK, such as the one that relayed data draws from the other leg.
// - Times come in as parameters; there is no clock here.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.hpp"

namespace halfopen {

// The inside of a NAT is the side that dialled through it: the client's leg unless configured.
enum class NatSide : std::uint8_t { kInside, kOutside };
inline constexpr std::array kNatSides{NatSide::kInside, NatSide::kOutside};

// What TCP_INFO says of one leg at one moment.
struct Look {
  std::uint32_t segments_in = 0;
  std::uint32_t data_segments_in = 0;
  std::uint64_t bytes_acked = 0;
  std::uint32_t peer_window_bytes = 0;
  std::uint8_t tcp_state = 0;
  // Data of ours that is not sent or not acknowledged: without any, our kernel probes nobody.
  bool has_outstanding_data = false;
  Duration last_ack_age{0};  // at some moment of the span below; wobbles by some milliseconds
  Instant began_at;
  Instant ended_at;
};

enum class Arrival : std::uint8_t { kNothing, kData, kAck, kKeepalive, kAnswerToOwnProbe };

// What arrived on a leg between two looks. Of several arrivals the weightiest is named (data, then
// ack, then keep-alive); what may be a keep-alive or an answer to a probe of ours is a keep-alive.
[[nodiscard]] Arrival classify(const Look& before, const Look& after);

enum class RefreshCause : std::uint8_t { kData, kAck, kKeepalive };
inline constexpr std::array kRefreshCauses{RefreshCause::kData, RefreshCause::kAck,
                                           RefreshCause::kKeepalive};
[[nodiscard]] std::string_view to_text(RefreshCause cause);

enum class OnExpiry : std::uint8_t { kNone, kRstBoth, kRstInside, kFinBoth };
enum class OnNextPacket : std::uint8_t { kDrop, kRst };
enum class RefreshBy : std::uint8_t { kSegments, kBytes };
enum class InsideLeg : std::uint8_t { kClient, kUpstream };

struct NatConfig {
  Duration idle_timeout{0};
  OnExpiry on_expiry = OnExpiry::kNone;
  OnNextPacket on_next_packet_inside = OnNextPacket::kDrop;
  OnNextPacket on_next_packet_outside = OnNextPacket::kDrop;
  RefreshBy refresh_by = RefreshBy::kSegments;
  InsideLeg inside = InsideLeg::kClient;
};

// What becomes of one side when the mapping goes.
enum class SideFate : std::uint8_t {
  kDropNextPacket,  // silence: the leg becomes a black hole
  kRstNextPacket,   // silence until its peer speaks, then a reset to that peer
  kRstNow,
  kFinNow,
};
[[nodiscard]] std::array<SideFate, 2> fates_at_expiry(const NatConfig& config);

struct Expiry {
  Duration idle{0};
  std::optional<RefreshCause> last_cause;  // nothing when no packet came since the mapping began
  std::array<SideFate, 2> fates{};         // indexed by NatSide
};

// One connection's mapping. Made when both legs are up, destroyed with the connection or by expiry.
class NatMapping {
 public:
  NatMapping(const NatConfig& config, const Look& inside, const Look& outside);

  // Folds a look in; answers why the mapping was refreshed, if it was. Changes deadline().
  [[nodiscard]] std::optional<RefreshCause> handle_look(NatSide side, const Look& look);
  // Judges expiry. Does nothing unless both sides were looked at after the deadline, so neither a
  // stalled timer nor a stall between the looks can expire a mapping that packets kept alive.
  [[nodiscard]] std::optional<Expiry> handle_timeout(Instant now) const;
  // Takes other settings over; the time of the last refresh stays.
  void handle_config(const NatConfig& config) { config_ = config; }

  [[nodiscard]] Instant deadline() const { return refreshed_at_ + config_.idle_timeout; }
  [[nodiscard]] Instant refreshed_at() const { return refreshed_at_; }

 private:
  struct SideState {
    Look look;
    Instant look_began_at;  // of the newest look; `look` is older while nothing arrives
  };

  NatConfig config_;
  std::array<SideState, 2> sides_;
  Instant refreshed_at_;
  std::optional<RefreshCause> last_cause_;
};

}  // namespace halfopen

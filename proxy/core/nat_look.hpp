// What the kernel's counters say of one leg, and what arrived between two such looks.
//
// Intuition: a terminating proxy sees no packets, but its kernel counts them. The change between
// two looks at TCP_INFO tells what arrived on a leg, even a keep-alive probe that carries no byte.
// What a filter swallowed is counted too, although not what it was.
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
[[nodiscard]] constexpr std::size_t index_of(NatSide side) {
  return side == NatSide::kInside ? 0 : 1;
}
[[nodiscard]] constexpr NatSide other(NatSide side) {
  return side == NatSide::kInside ? NatSide::kOutside : NatSide::kInside;
}

// Where the cable is cut as a NAT sees it. Both legs are silent then, wherever the cut is; it
// decides whose packets still reach the NAT.
enum class Cut : std::uint8_t { kNone = 0, kInside = 1, kOutside = 2, kBoth = 3 };
[[nodiscard]] constexpr Cut operator|(Cut left, Cut right) {
  return static_cast<Cut>(static_cast<unsigned>(left) | static_cast<unsigned>(right));
}
// Whether packets that this side sends get as far as the NAT.
[[nodiscard]] constexpr bool reaches_nat(NatSide side, Cut cut) {
  const Cut own = side == NatSide::kInside ? Cut::kInside : Cut::kOutside;
  return (static_cast<unsigned>(cut) & static_cast<unsigned>(own)) == 0;
}

// The number that TCP_INFO has for a connection that was reset.
inline constexpr std::uint8_t kTcpStateClosed = 7;

// What the kernel says of one leg at one moment.
struct Look {
  std::uint32_t segments_in = 0;
  std::uint32_t data_segments_in = 0;
  std::uint64_t bytes_acked = 0;
  std::uint32_t peer_window_bytes = 0;
  std::uint8_t tcp_state = 0;
  // Data of ours that is not sent or not acknowledged: without any, our kernel probes nobody.
  bool has_outstanding_data = false;
  std::uint32_t retransmissions = 0;     // of ours, since the connection began
  std::uint32_t swallowed_segments = 0;  // SO_MEMINFO drops; a probe on a leg that is heard is one
  Duration last_ack_age{0};              // at some moment of the span below; wobbles by some ms
  // By how much that age may be too long: a tick of the kernel and the rounding to a millisecond.
  Duration last_ack_error = std::chrono::milliseconds(11);
  Instant began_at;
  Instant ended_at;
};

enum class Arrival : std::uint8_t { kNothing, kData, kAck, kKeepalive, kAnswerToOwnProbe };

// What TCP took from a leg between two looks. Of several arrivals the weightiest is named (data,
// then ack, then keep-alive); what may be a keep-alive or an answer to a probe of ours is a
// keep-alive.
[[nodiscard]] Arrival classify(const Look& before, const Look& after);

enum class RefreshCause : std::uint8_t { kData, kAck, kKeepalive };
inline constexpr std::array kRefreshCauses{RefreshCause::kData, RefreshCause::kAck,
                                           RefreshCause::kKeepalive};
[[nodiscard]] std::string_view to_text(RefreshCause cause);
// Nothing where the arrival is no packet of the flow.
[[nodiscard]] std::optional<RefreshCause> cause_of(Arrival arrival);

}  // namespace halfopen

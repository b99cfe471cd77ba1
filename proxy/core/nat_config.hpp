// What a NAT is told to be, and what that means for the two sides of a mapping that is gone.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "proxy/core/nat_look.hpp"

namespace halfopen {

enum class OnExpiry : std::uint8_t { kNone, kRstBoth, kRstInside, kFinBoth };
enum class OnNextPacket : std::uint8_t {
  kDrop,
  kRst,
  kRepickSamePort,  // the inside's packet makes the mapping anew
  kRepickNewPort,   // it goes out by another port, where the outside's kernel knows nothing of it
};
enum class RefreshBy : std::uint8_t { kSegments, kBytes };
enum class ReviveBy : std::uint8_t {
  kNone,
  kInside,
  kAny,  // a stateful firewall that translates no addresses
};
enum class InsideLeg : std::uint8_t { kClient, kUpstream };

struct NatConfig {
  Duration idle_timeout{0};
  // While data is not acknowledged; at most idle_timeout.
  std::optional<Duration> unacked_timeout;
  OnExpiry on_expiry = OnExpiry::kNone;
  OnNextPacket on_next_packet_inside = OnNextPacket::kDrop;
  OnNextPacket on_next_packet_outside = OnNextPacket::kDrop;  // kDrop or kRst
  RefreshBy refresh_by = RefreshBy::kSegments;
  ReviveBy revive_by = ReviveBy::kNone;
  InsideLeg inside = InsideLeg::kClient;
  // The profile whose values these were, for whoever reads the fault; nothing is decided by it.
  // Every mapping copies its settings, so they share it.
  std::shared_ptr<const std::string> profile{};
};
[[nodiscard]] Duration shortest_timeout(const NatConfig& config);

// What becomes of one side when the mapping goes.
enum class SideFate : std::uint8_t {
  kDropNextPacket,    // silence: the leg becomes a black hole
  kRstNextPacket,     // silence until its peer speaks, then a reset to that peer
  kReviveNextPacket,  // its peer's next packet makes the mapping anew, unless it is a FIN or RST
  kRstWhenSeen,       // like kRstNextPacket, but the other side may still revive until then
  kRstNow,
  kFinNow,
};
// Indexed by NatSide.
using SideFates = std::array<SideFate, 2>;

// A mapping that idles out, with what the NAT says then.
[[nodiscard]] SideFates fates_at_expiry(const NatConfig& config);
// A mapping that goes without a word: its NAT was cut off or rebooted.
[[nodiscard]] SideFates fates_of_next_packets(const NatConfig& config);

}  // namespace halfopen

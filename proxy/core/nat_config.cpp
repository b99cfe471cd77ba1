#include "proxy/core/nat_config.hpp"

#include <algorithm>

namespace halfopen {
namespace {

SideFate fate_of_inside(const NatConfig& config) {
  switch (config.on_next_packet_inside) {
    case OnNextPacket::kDrop:
      return SideFate::kDropNextPacket;
    case OnNextPacket::kRepickSamePort:
      return SideFate::kReviveNextPacket;
    case OnNextPacket::kRst:
    case OnNextPacket::kRepickNewPort:
      // By a new port the packet reaches a kernel that knows no such connection and resets it: what
      // the inside sees is the same.
      return SideFate::kRstNextPacket;
  }
  return SideFate::kDropNextPacket;
}

SideFate fate_of_outside(const NatConfig& config) {
  if (config.revive_by == ReviveBy::kAny) return SideFate::kReviveNextPacket;
  if (config.on_next_packet_outside != OnNextPacket::kRst) return SideFate::kDropNextPacket;
  const bool may_revive = config.on_next_packet_inside == OnNextPacket::kRepickSamePort;
  return may_revive ? SideFate::kRstWhenSeen : SideFate::kRstNextPacket;
}

}  // namespace

Duration shortest_timeout(const NatConfig& config) {
  return std::min(config.idle_timeout, config.unacked_timeout.value_or(config.idle_timeout));
}

SideFates fates_of_next_packets(const NatConfig& config) {
  return {fate_of_inside(config), fate_of_outside(config)};
}

SideFates fates_at_expiry(const NatConfig& config) {
  switch (config.on_expiry) {
    case OnExpiry::kRstBoth:
      return {SideFate::kRstNow, SideFate::kRstNow};
    case OnExpiry::kFinBoth:
      return {SideFate::kFinNow, SideFate::kFinNow};
    case OnExpiry::kRstInside:
      return {SideFate::kRstNow, fate_of_outside(config)};
    case OnExpiry::kNone:
      break;
  }
  return fates_of_next_packets(config);
}

}  // namespace halfopen

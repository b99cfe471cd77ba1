// What this machine allows the proxy to do, found out by trying on sockets of its own: some systems
// grant a namespace and strip the capabilities, so nothing is assumed from them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "proxy/core/fault.hpp"

namespace halfopen {

struct Abilities {
  bool filter = false;       // SO_ATTACH_FILTER on a TCP socket
  bool repair = false;       // TCP_REPAIR
  bool mark = false;         // SO_MARK
  bool egress_drop = false;  // a marked packet does not arrive
};

// Tries each. A firewall rule may come and go, so this is asked again whenever the answer matters;
// it takes well under a millisecond and waits only for a loopback datagram of its own.
[[nodiscard]] Abilities probe_abilities(std::uint32_t mark);

// What is missing and what to do about it, or nothing if `needs` are met.
[[nodiscard]] std::optional<std::string> missing_abilities(const AbilityNeeds& needs,
                                                           const Abilities& abilities,
                                                           std::uint32_t mark);

}  // namespace halfopen

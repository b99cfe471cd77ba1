// The operations of a world that change a network namespace, carried out.
#pragma once

#include "base/result.hpp"
#include "harness/shell/network_namespaces.hpp"
#include "harness/worlds/world.hpp"

namespace halfopen {

// Rules, interfaces, sysctls, mappings and sockets; any other operation is a programming error.
// Blocks for the milliseconds that ip(8) or nft(8) takes.
[[nodiscard]] Result<void> change_network(const Operation& operation,
                                          NetworkNamespaces& namespaces);

}  // namespace halfopen

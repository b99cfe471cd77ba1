// A node of a scenario as a process: the same in every world but for its addresses.
#pragma once

#include <map>
#include <string>

#include "harness/worlds/world.hpp"

namespace halfopen {

// vote-node with its generated configuration, or the node's own command with {address} and
// {link:ID} filled in.
[[nodiscard]] ProcessSpec node_process(const Scenario& scenario, const NodeSpec& node,
                                       const NodePlace& place);

// Processes of the nodes, listeners first, so that a dialer's first attempt finds somebody.
// Endpoints have none.
[[nodiscard]] std::vector<ProcessSpec> node_processes(
    const Scenario& scenario, const std::map<std::string, NodePlace>& place_of_node);

// Whether votes can be cast at it.
[[nodiscard]] Result<HttpCall> cast_call(const Scenario& scenario, const std::string& node,
                                         const NodePlace& place);

}  // namespace halfopen

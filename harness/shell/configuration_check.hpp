// Are the configurations that a scenario gives its processes ones that they take? Asked of the
// programs themselves (--check-config) before anything runs, so that a misspelt key of a node or a
// fault is an error with a place in the scenario file and not a run that fails half-way.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "harness/model/plan.hpp"

namespace halfopen {

// Each different configuration is checked once; `good` has those of earlier plans, and gets those
// of this one. (A library's files have most of their nodes in common, and asking starts a process.)
[[nodiscard]] Result<void> check_configurations(const Plan& plan, std::set<std::string>& good);

// Asks for all plans in one go, which is much faster: one question about every link, since
// fault-proxy takes many at a time, and the nodes side by side. What is refused, and all links with
// one that is, does not come to be in `good`: check_configurations then finds whose mistake it is.
void ask_ahead(const std::vector<const Plan*>& plans, std::set<std::string>& good);

}  // namespace halfopen

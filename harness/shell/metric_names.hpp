// Can every selector of a scenario match something? Asked before anything starts, so that a
// misspelt metric, label or link is an error with a place, and not a run that waits in vain or an
// `absent()` that always holds.
//
// Three things are asked: does the metric exist, does it have the label, and does the scenario name
// the value of `proxy`, `node` or `peer`, which no program invents. What another command than
// vote-node may export is its own affair: where a scenario runs one, only what fault-proxy and the
// harness export is asked in full.
#pragma once

#include "base/result.hpp"
#include "harness/model/plan.hpp"

namespace halfopen {

[[nodiscard]] Result<void> check_metric_names(const Plan& plan);

}  // namespace halfopen

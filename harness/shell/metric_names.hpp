// Is every metric that a scenario asks for one that exists? Asked before anything starts, so that
// a misspelt name is an error with a place and not a run that waits in vain.
#pragma once

#include "base/result.hpp"
#include "harness/model/plan.hpp"

namespace halfopen {

// Only for scenarios whose processes are all our own: another command may export anything.
[[nodiscard]] Result<bool> check_metric_names(const Plan& plan);

}  // namespace halfopen

// Whether a file proves anything: some run of it must be one that can fail, and each expectation
// must be shown to be able to, by a control, by a cell of the matrix, or be said to be beyond that.
#pragma once

#include "harness/model/document.hpp"
#include "harness/model/plan.hpp"

namespace halfopen {

// A scenario that cannot fail proves nothing.
[[nodiscard]] Result<void> check_that_some_run_can_fail(const Document& file, const Plan& plan);

// An expectation that no control makes fail may be one that cannot fail at all.
[[nodiscard]] Result<void> check_that_each_can_fail(const Document& file, const Plan& plan);

}  // namespace halfopen

// What a condition may say and yet can hardly mean.
#pragma once

#include "harness/model/document.hpp"
#include "harness/model/expression/expression.hpp"

namespace halfopen {

// rate(), increase() and delta() extrapolate to the edges of their range, as Prometheus' do: two
// votes may read 2.04. Compared with == or != (but for 0, which stays 0) they are a Problem.
[[nodiscard]] Result<void> check_comparisons(const Expression& expression, const Mark& mark);

// A condition without a metric (and without time()) can neither fail nor begin to hold.
[[nodiscard]] Result<void> check_looks_at_the_run(const Expression& expression, const Mark& mark);

}  // namespace halfopen

// Quantiles as Prometheus computes them: of plain values, and of a histogram's buckets, where the
// true values are not known and are taken to lie evenly inside each bucket.
//
// Both give NaN for a quantile that is NaN, -Inf below 0 and +Inf above 1.
#pragma once

#include <vector>

#include "harness/model/expression/evaluate.hpp"

namespace halfopen::expression {

// Between two values it is interpolated. NaN for no values.
[[nodiscard]] double quantile(double which, std::vector<double> values);

// Groups series by all labels but `le`; a series without a number in it is passed over.
[[nodiscard]] ExpressionValue histogram_quantile(double which, const ExpressionValue& buckets);

}  // namespace halfopen::expression

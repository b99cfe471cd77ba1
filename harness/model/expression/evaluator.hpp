// Evaluation of a tree at one instant: shared by evaluate() and holds().
#pragma once

#include "base/result.hpp"
#include "harness/model/expression/binary_operation.hpp"
#include "harness/model/expression/evaluate.hpp"
#include "harness/model/expression/syntax.hpp"

namespace halfopen::expression {

// One condition at one instant. What it did so far counts against one budget, so that neither a
// single call nor the many of a nested condition can take long.
class Evaluator {
 public:
  Evaluator(const SeriesStore& store, Instant at, const EvaluationSettings& settings)
      : store_(store), at_(at), settings_(settings) {}

  // An error that names the first metric which no process ever exposed; absent() may ask for those.
  [[nodiscard]] Result<void> metrics_exist(const Expression& expression) const;
  // Each label set once, in Prometheus's order, since sums of doubles depend on it: selectors in
  // label order, operators in that of their left side, groups as they are met. Not for range
  // vectors.
  [[nodiscard]] Result<ExpressionValue> value(const Syntax& syntax) const;
  // As value(), with what a filter let go.
  [[nodiscard]] Result<Combined> filtered(const Binary& binary) const;

 private:
  [[nodiscard]] Result<ExpressionValue> select(const Selector& selector, bool times) const;
  [[nodiscard]] Result<ExpressionValue> over_range(const Call& call,
                                                   const Selector& selector) const;
  [[nodiscard]] Result<ExpressionValue> call(const Call& call) const;
  [[nodiscard]] Result<ExpressionValue> over_vector(const Call& call) const;
  [[nodiscard]] Result<double> parameter(const Call& call) const;
  [[nodiscard]] Result<ExpressionValue> timestamp(const Syntax& argument) const;
  [[nodiscard]] Result<ExpressionValue> aggregate(const Aggregation& aggregation) const;
  [[nodiscard]] Result<double> wall_seconds(Instant at) const;
  [[nodiscard]] Result<void> spend(std::size_t cost) const;

  const SeriesStore& store_;
  Instant at_;
  const EvaluationSettings& settings_;
  mutable std::size_t spent_ = 0;  // answers do not depend on it, until it is all gone
};

}  // namespace halfopen::expression

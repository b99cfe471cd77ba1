// Evaluation of a tree at one instant: shared by evaluate() and holds().
#pragma once

#include "base/result.hpp"
#include "harness/model/expression/binary_operation.hpp"
#include "harness/model/expression/evaluate.hpp"
#include "harness/model/expression/syntax.hpp"

namespace halfopen::expression {

// An error that names the first metric which no process ever exposed; absent() may ask for those.
[[nodiscard]] Result<bool> metrics_exist(const Expression& expression, const SeriesStore& store);

class Evaluator {
 public:
  Evaluator(const SeriesStore& store, Instant at, const EvaluationSettings& settings)
      : store_(store), at_(at), settings_(settings) {}

  // In label order, each label set once. Not for range vectors.
  [[nodiscard]] Result<ExpressionValue> value(const Syntax& syntax) const;
  // As value(), with what a filter let go.
  [[nodiscard]] Result<Combined> filtered(const Binary& binary) const;

 private:
  [[nodiscard]] ExpressionValue select(const Selector& selector, bool times) const;
  [[nodiscard]] ExpressionValue over_range(Function function, const Selector& selector) const;
  [[nodiscard]] Result<ExpressionValue> call(const Call& call) const;
  [[nodiscard]] Result<ExpressionValue> absent(const Syntax& argument) const;
  [[nodiscard]] Result<ExpressionValue> timestamp(const Syntax& argument) const;
  [[nodiscard]] Result<ExpressionValue> aggregate(const Aggregation& aggregation) const;
  [[nodiscard]] Result<double> wall_seconds(Instant at) const;

  const SeriesStore& store_;
  Instant at_;
  const EvaluationSettings& settings_;
};

}  // namespace halfopen::expression

// What an expression is worth at one instant.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "harness/model/expression/expression.hpp"
#include "harness/model/series.hpp"

namespace halfopen {

struct ExpressionSample {
  SeriesLabels labels;
  double value = 0;
};

// An instant vector in label order; a scalar is one sample without labels.
using ExpressionValue = std::vector<ExpressionSample>;

struct EvaluationSettings {
  // How far back an instant selector looks. Three scrape intervals, not Prometheus's five
  // minutes, so that a dead node is not "up".
  Duration lookback{};
};

// Errors: a selected metric that has no series at all in the store (outside absent()), a
// many-to-many match. A series that merely is stale gives an empty vector, as in Prometheus.
[[nodiscard]] Result<ExpressionValue> evaluate(const Expression& expression,
                                               const SeriesStore& store, Instant at,
                                               const EvaluationSettings& settings);

// Does a condition hold? It does when the vector is not empty and no sample of it is... see the
// definition: comparisons filter, so a non-empty result means "true"; a bare scalar or vector
// without comparison holds when every value is not 0. `seen` tells a person the values.
struct Truth {
  bool holds = false;
  std::string seen;  // "votenode_peer_up{node=\"n1\",peer=\"n2\"} 0"
};
[[nodiscard]] Result<Truth> holds(const Expression& condition, const SeriesStore& store, Instant at,
                                  const EvaluationSettings& settings);

}  // namespace halfopen

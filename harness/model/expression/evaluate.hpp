// What an expression is worth at one instant, and whether a condition holds then.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "harness/model/expression/expression.hpp"
#include "harness/model/series.hpp"

namespace halfopen {

struct ExpressionSample {
  SeriesLabels labels;  // the metric's name, where PromQL keeps it, is the label "__name__"
  double value = 0;
};

// An instant vector in label order; a scalar is one sample without labels.
using ExpressionValue = std::vector<ExpressionSample>;

struct EvaluationSettings {
  // How far back an instant selector looks. Three scrape intervals, not Prometheus's five
  // minutes, so that a dead node is not "up".
  Duration lookback{};
  // Unix time minus the run's monotonic time. Metrics such as ..._timestamp_seconds are Unix times,
  // so time() and timestamp() must be too; without it they are errors.
  std::optional<Duration> wall_offset{};
  // As Prometheus, where halfopen is stricter on purpose: a metric that nobody exposed is an empty
  // vector, and many series that match one are an error only where the values make them meet. For
  // the test that holds both against each other.
  bool as_prometheus = false;
};

// What an evaluation may cost, in samples of ranges that are looked at; a series costs about a
// hundred of those at each operator. No text that parses takes longer than seconds.
inline constexpr std::size_t kEvaluationCostMax = 20'000'000;

// Errors: a selected metric that has no series at all in the store (outside absent()), a match of
// many series to one, two series that become one, too much work. A series that merely is stale
// gives an empty vector, as in Prometheus.
[[nodiscard]] Result<ExpressionValue> evaluate(const Expression& expression,
                                               const SeriesStore& store, Instant at,
                                               const EvaluationSettings& settings);

// A condition over several series has two readings. The one that is harder to pass is right for
// each use: what must hold, holds for every series; what must never hold, holds for no series.
enum class Reading : std::uint8_t { kEvery, kAny };

// Does a condition hold? The condition's outermost form decides what that means.
//
//   comparison (without bool)   PromQL's comparisons filter: `up == 1` over a series that is 1 and
//   one
//                               that is 0 leaves one sample, so "not empty" alone would call it
//                               true. kEvery: something is left and nothing was filtered out,
//                               neither a sample that compares wrongly nor one without a partner.
//                               kAny: something is left. A sample whose value is 0 is left like any
//                               other: `x == 0`.
//   and                         kEvery: both sides hold and the right side filtered nothing out.
//   unless                      kEvery: the left side holds and nothing was filtered out.
//   or                          kEvery: one of the sides holds, or each series has its label set on
//                               one side or the other. (All three, kAny: something is left.)
//   anything else               a bare value, such as absent(x) or a comparison with bool: it is
//   not
//                               empty and every (any) value is a number other than 0. As an operand
//                               of and, or, unless it counts when it is there, as in PromQL.
//
// `min(x) == 1`, as in a Grafana alert, needs none of this: an aggregation is one series.
struct Truth {
  bool holds = false;
  // For a person: the samples that decided, those that fail first, such as
  // votenode_peer_up{node="n1",peer="n2"} 0
  std::string seen;
};
[[nodiscard]] Result<Truth> holds(const Expression& condition, const SeriesStore& store, Instant at,
                                  const EvaluationSettings& settings,
                                  Reading reading = Reading::kEvery);

// A sample's value as PromQL writes it: 1, 0.5, NaN, +Inf.
[[nodiscard]] std::string value_text(double value);

}  // namespace halfopen

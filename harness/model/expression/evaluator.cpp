#include "harness/model/expression/evaluator.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "base/assert.hpp"
#include "harness/model/expression/quantile.hpp"
#include "harness/model/expression/range_functions.hpp"

namespace halfopen::expression {
namespace {

bool accepts(const Selector& selector, const SeriesLabels& labels) {
  static const std::string kMissing;
  return std::all_of(selector.matchers.begin(), selector.matchers.end(),
                     [&labels](const LabelMatcher& matcher) {
                       const auto found = labels.find(matcher.label);
                       return matcher.accepts(found == labels.end() ? kMissing : found->second);
                     });
}

SeriesLabels with_name(const std::string& name, SeriesLabels labels) {
  labels.insert_or_assign(kNameLabel, name);
  return labels;
}

// What evaluating costs, as evaluate.hpp counts it.
constexpr std::size_t kCostOfSeries = 100;

// A series that is only looked at: its labels, and what a regular expression reads of them.
std::size_t cost_of_matching(const Selector& selector, const SeriesLabels& labels) {
  std::size_t cost = 1;
  for (const LabelMatcher& matcher : selector.matchers) {
    const auto found = labels.find(matcher.label);
    cost += 10 + (found == labels.end() ? 0 : found->second.size());
  }
  return cost;
}

// Refuses two samples of the same labels: dropping a metric's name can make them.
Result<ExpressionValue> each_once(ExpressionValue value) {
  const auto before = [](const SeriesLabels* a, const SeriesLabels* b) { return *a < *b; };
  std::vector<const SeriesLabels*> all;
  all.reserve(value.size());
  for (const ExpressionSample& sample : value)
    all.push_back(&sample.labels);
  if (!std::is_sorted(all.begin(), all.end(), before)) std::sort(all.begin(), all.end(), before);
  const auto twin =
      std::adjacent_find(all.begin(), all.end(),
                         [](const SeriesLabels* a, const SeriesLabels* b) { return *a == *b; });
  if (twin == all.end()) return Result<ExpressionValue>(std::move(value));
  return Problem{"the result would have two series with the same labels: {", labels_text(**twin),
                 "}"};
}

// 1 where the vector is empty, with the labels that an equality of the selector pins down.
ExpressionValue absent(const Syntax& argument, const ExpressionValue& vector) {
  if (!vector.empty()) return {};
  SeriesLabels labels;
  std::set<std::string> pinned;
  if (const auto* selector = std::get_if<Selector>(&argument.node)) {
    for (const LabelMatcher& matcher : selector->matchers) {
      // A second matcher makes a pinned label doubtful; one before the equality does not.
      const bool equality = matcher.kind == LabelMatcher::Kind::kEqual;
      if (equality && pinned.insert(matcher.label).second) {
        labels[matcher.label] = matcher.text;
      } else {
        labels.erase(matcher.label);
      }
    }
  }
  // A label with the value "" is a label that is not there.
  std::erase_if(labels, [](const auto& label) { return label.second.empty(); });
  return {{std::move(labels), 1}};
}

ExpressionValue number(double value) {
  return {{SeriesLabels{}, value}};
}

// One group of an aggregation.
class Accumulator {
 public:
  void add(double value) {
    ++count_;
    sum_ += value;
    add_to_mean(value);
    if (count_ == 1 || std::isnan(least_) || value < least_) least_ = value;
    if (count_ == 1 || std::isnan(greatest_) || value > greatest_) greatest_ = value;
  }
  [[nodiscard]] double result(Aggregator aggregator) const {
    switch (aggregator) {
      case Aggregator::kSum:
        return sum_;
      case Aggregator::kMin:
        return least_;
      case Aggregator::kMax:
        return greatest_;
      case Aggregator::kAvg:
        return mean_;
      case Aggregator::kCount:
        return static_cast<double>(count_);
    }
    return 0;
  }

 private:
  // A running mean does not overflow where the sum would. An infinite mean stays as it is for all
  // but the opposite infinity and NaN, which make it NaN.
  void add_to_mean(double value) {
    if (std::isinf(mean_)) {
      const bool same_infinity = std::isinf(value) && (mean_ > 0) == (value > 0);
      if (same_infinity || std::isfinite(value)) return;
    }
    const auto count = static_cast<double>(count_);
    mean_ += value / count - mean_ / count;
  }

  std::size_t count_ = 0;
  double sum_ = 0;
  double mean_ = 0;
  double least_ = 0;
  double greatest_ = 0;
};

SeriesLabels group_of(const Aggregation& aggregation, const SeriesLabels& labels) {
  SeriesLabels group;
  for (const auto& [label, value] : labels) {
    if (label == kNameLabel) continue;
    const bool listed =
        std::binary_search(aggregation.labels.begin(), aggregation.labels.end(), label);
    if (listed != aggregation.without) group.emplace(label, value);
  }
  return group;
}

}  // namespace

Result<void> Evaluator::metrics_exist(const Expression& expression) const {
  if (settings_.as_prometheus) return {};
  for (const std::string& name : expression.metric_names()) {
    if (store_.has_metric(name)) continue;
    return Problem{"no process has exposed the metric ", name, "; correct the name, or say absent(",
                   name, ")"};
  }
  return {};
}

Result<ExpressionValue> Evaluator::value(const Syntax& syntax) const {
  if (const auto* constant = std::get_if<Number>(&syntax.node)) return number(constant->value);
  if (const auto* selector = std::get_if<Selector>(&syntax.node)) return select(*selector, false);
  if (const auto* function = std::get_if<Call>(&syntax.node)) return call(*function);
  if (const auto* aggregation = std::get_if<Aggregation>(&syntax.node)) {
    return aggregate(*aggregation);
  }
  if (const auto* negation = std::get_if<Negation>(&syntax.node)) {
    HALFOPEN_TRY(operand, value(*negation->operand));
    if (!negation->minus) return Result<ExpressionValue>(std::move(operand));
    HALFOPEN_CHECK(spend(operand.size() * kCostOfSeries));
    for (ExpressionSample& sample : operand) {
      sample = {without_name(std::move(sample.labels)), -sample.value};
    }
    return each_once(std::move(operand));
  }
  HALFOPEN_TRY(combined, filtered(std::get<Binary>(syntax.node)));
  return each_once(std::move(combined.value));
}

Result<Combined> Evaluator::filtered(const Binary& binary) const {
  HALFOPEN_TRY(left, value(*binary.left));
  HALFOPEN_TRY(right, value(*binary.right));
  HALFOPEN_CHECK(spend((left.size() + right.size()) * kCostOfSeries));
  const Strictness strictness =
      settings_.as_prometheus ? Strictness::kAsPrometheus : Strictness::kAlways;
  return combine(binary, left, right, strictness);
}

// The newest sample at or before the instant, unless it is older than the lookback or says that the
// series was gone.
Result<ExpressionValue> Evaluator::select(const Selector& selector, bool times) const {
  ExpressionValue result;
  const auto* all = store_.find(selector.metric);
  if (all == nullptr) return result;
  const Instant at = at_ - selector.offset;
  for (const auto& [labels, series] : *all) {
    HALFOPEN_CHECK(spend(cost_of_matching(selector, labels)));
    if (!accepts(selector, labels)) continue;
    const auto after =
        std::upper_bound(series.samples.begin(), series.samples.end(), at,
                         [](Instant limit, const Sample& sample) { return limit < sample.at; });
    if (after == series.samples.begin()) continue;
    const auto newest = after - 1;
    const auto position = static_cast<std::size_t>(newest - series.samples.begin());
    if (series.stale[position] || newest->at < at - settings_.lookback) continue;
    double value = newest->value;
    if (times) {
      HALFOPEN_TRY(seconds, wall_seconds(newest->at));
      value = seconds;
    }
    result.push_back({with_name(selector.metric, labels), value});
  }
  return result;
}

Result<ExpressionValue> Evaluator::over_range(const Call& call, const Selector& selector) const {
  ExpressionValue result;
  HALFOPEN_TRY(number, parameter(call));
  const auto* all = store_.find(selector.metric);
  if (all == nullptr) return result;
  const Instant end = at_ - selector.offset;
  const RangeWindow window{end - selector.range, end};
  std::vector<Sample> inside;
  for (const auto& [labels, series] : *all) {
    HALFOPEN_CHECK(spend(cost_of_matching(selector, labels)));
    if (!accepts(selector, labels)) continue;
    inside.clear();
    // Both edges belong to the range, as they do in Prometheus 2.
    auto sample = std::lower_bound(
        series.samples.begin(), series.samples.end(), window.begin,
        [](const Sample& candidate, Instant limit) { return candidate.at < limit; });
    for (; sample != series.samples.end() && sample->at <= window.end; ++sample) {
      const auto position = static_cast<std::size_t>(sample - series.samples.begin());
      if (!series.stale[position]) inside.push_back(*sample);
    }
    HALFOPEN_CHECK(spend(inside.size() + kCostOfSeries));
    const std::optional<double> value =
        expression::over_range(call.function, inside, window, number);
    if (!value) continue;
    const bool keeps_name = call.function == Function::kLastOverTime;
    result.push_back({keeps_name ? with_name(selector.metric, labels) : labels, *value});
  }
  return result;
}

Result<ExpressionValue> Evaluator::call(const Call& call) const {
  if (call.function == Function::kTime) {
    HALFOPEN_TRY(now, wall_seconds(at_));
    return number(now);
  }
  HALFOPEN_ASSERT(call.argument != nullptr);
  const Syntax& argument = *call.argument;
  if (argument.type != ValueType::kRangeVector) return over_vector(call);
  const auto& selector = std::get<Selector>(argument.node);
  HALFOPEN_TRY(vector, over_range(call, selector));
  if (call.function == Function::kAbsentOverTime) return absent(argument, vector);
  return each_once(std::move(vector));
}

Result<ExpressionValue> Evaluator::over_vector(const Call& call) const {
  const Syntax& argument = *call.argument;
  if (call.function == Function::kTimestamp) return timestamp(argument);
  HALFOPEN_TRY(vector, value(argument));
  HALFOPEN_CHECK(spend(vector.size() * kCostOfSeries));
  if (call.function == Function::kAbsent) return absent(argument, vector);
  if (call.function == Function::kHistogramQuantile) {
    HALFOPEN_TRY(which, parameter(call));
    return each_once(histogram_quantile(which, vector));
  }
  HALFOPEN_ASSERT(call.function == Function::kAbs);
  for (ExpressionSample& sample : vector) {
    sample = {without_name(std::move(sample.labels)), std::abs(sample.value)};
  }
  return each_once(std::move(vector));
}

// The number before the argument; 0 for functions that take none.
Result<double> Evaluator::parameter(const Call& call) const {
  if (call.parameter == nullptr) return 0.0;
  HALFOPEN_TRY(scalar, value(*call.parameter));
  return scalar.front().value;
}

// When a selector's samples were taken; of anything else, the instant of evaluation.
Result<ExpressionValue> Evaluator::timestamp(const Syntax& argument) const {
  HALFOPEN_TRY(now, wall_seconds(at_));
  ExpressionValue vector;
  if (const auto* selector = std::get_if<Selector>(&argument.node)) {
    HALFOPEN_TRY(taken, select(*selector, true));
    vector = std::move(taken);
  } else {
    HALFOPEN_TRY(computed, value(argument));
    vector = std::move(computed);
    for (ExpressionSample& sample : vector)
      sample.value = now;
  }
  for (ExpressionSample& sample : vector) {
    sample.labels = without_name(std::move(sample.labels));
  }
  return each_once(std::move(vector));
}

Result<ExpressionValue> Evaluator::aggregate(const Aggregation& aggregation) const {
  HALFOPEN_TRY(vector, value(*aggregation.operand));
  HALFOPEN_CHECK(spend(vector.size() * kCostOfSeries));
  std::map<SeriesLabels, std::size_t> places;
  std::vector<Accumulator> groups;
  ExpressionValue result;
  for (const ExpressionSample& sample : vector) {
    const auto [place, added] = places.emplace(group_of(aggregation, sample.labels), groups.size());
    if (added) {
      groups.emplace_back();
      result.push_back({place->first, 0});
    }
    groups[place->second].add(sample.value);
  }
  for (std::size_t i = 0; i < groups.size(); ++i)
    result[i].value = groups[i].result(aggregation.aggregator);
  return result;
}

// Unix time as Prometheus keeps it, in whole milliseconds.
Result<double> Evaluator::wall_seconds(Instant at) const {
  if (!settings_.wall_offset) {
    return Problem{"time() and timestamp() need the run's wall clock, which is not known here"};
  }
  const Duration wall = at + *settings_.wall_offset - Instant{};
  const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(wall);
  return static_cast<double>(milliseconds.count()) / 1000;
}

Result<void> Evaluator::spend(std::size_t cost) const {
  if (cost > kEvaluationCostMax - spent_) {
    return Problem{
        "the expression looks at too many samples; select fewer series, or shorten the "
        "ranges"};
  }
  spent_ += cost;
  return {};
}

}  // namespace halfopen::expression

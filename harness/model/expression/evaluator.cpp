#include "harness/model/expression/evaluator.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "base/assert.hpp"
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

// Sorts, and refuses two samples of the same labels: dropping a metric's name can make them.
Result<ExpressionValue> in_order(ExpressionValue value) {
  const auto before = [](const ExpressionSample& a, const ExpressionSample& b) {
    return a.labels < b.labels;
  };
  if (!std::is_sorted(value.begin(), value.end(), before)) {
    std::sort(value.begin(), value.end(), before);
  }
  const auto twin = std::adjacent_find(
      value.begin(), value.end(),
      [](const ExpressionSample& a, const ExpressionSample& b) { return a.labels == b.labels; });
  if (twin == value.end()) return Result<ExpressionValue>(std::move(value));
  return Problem{"the result would have two series with the same labels: {",
                 labels_text(twin->labels), "}"};
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

Result<bool> metrics_exist(const Expression& expression, const SeriesStore& store) {
  for (const std::string& name : expression.metric_names()) {
    if (store.has_metric(name)) continue;
    return Problem{"no process has exposed the metric ", name, "; correct the name, or say absent(",
                   name, ")"};
  }
  return true;
}

Result<ExpressionValue> Evaluator::value(const Syntax& syntax) const {
  if (const auto* constant = std::get_if<Number>(&syntax.node)) return number(constant->value);
  if (const auto* selector = std::get_if<Selector>(&syntax.node)) {
    return in_order(select(*selector, false));
  }
  if (const auto* function = std::get_if<Call>(&syntax.node)) return call(*function);
  if (const auto* aggregation = std::get_if<Aggregation>(&syntax.node)) {
    return aggregate(*aggregation);
  }
  if (const auto* negation = std::get_if<Negation>(&syntax.node)) {
    HALFOPEN_TRY(operand, value(*negation->operand));
    for (ExpressionSample& sample : operand) {
      sample = {without_name(std::move(sample.labels)), -sample.value};
    }
    return in_order(std::move(operand));
  }
  const auto& binary = std::get<Binary>(syntax.node);
  if (syntax.type == ValueType::kScalar) {
    HALFOPEN_TRY(scalar, filtered(binary));
    return Result<ExpressionValue>(std::move(scalar.value));
  }
  HALFOPEN_TRY(combined, filtered(binary));
  return in_order(std::move(combined.value));
}

Result<Combined> Evaluator::filtered(const Binary& binary) const {
  HALFOPEN_TRY(left, value(*binary.left));
  HALFOPEN_TRY(right, value(*binary.right));
  return combine(binary, left, right);
}

// The newest sample at or before the instant, unless it is older than the lookback or says that the
// series was gone.
ExpressionValue Evaluator::select(const Selector& selector, bool times) const {
  ExpressionValue result;
  const auto* all = store_.find(selector.metric);
  if (all == nullptr) return result;
  const Instant at = at_ - selector.offset;
  for (const auto& [labels, series] : *all) {
    if (!accepts(selector, labels)) continue;
    const auto after =
        std::upper_bound(series.samples.begin(), series.samples.end(), at,
                         [](Instant limit, const Sample& sample) { return limit < sample.at; });
    if (after == series.samples.begin()) continue;
    const auto newest = after - 1;
    const auto position = static_cast<std::size_t>(newest - series.samples.begin());
    if (series.stale[position] || newest->at < at - settings_.lookback) continue;
    const double value = times ? newest->at.seconds() : newest->value;
    result.push_back({with_name(selector.metric, labels), value});
  }
  return result;
}

ExpressionValue Evaluator::over_range(Function function, const Selector& selector) const {
  ExpressionValue result;
  const auto* all = store_.find(selector.metric);
  if (all == nullptr) return result;
  const Instant end = at_ - selector.offset;
  const RangeWindow window{end - selector.range, end};
  std::vector<Sample> inside;
  for (const auto& [labels, series] : *all) {
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
    const std::optional<double> value = expression::over_range(function, inside, window);
    if (!value) continue;
    const bool keeps_name = function == Function::kLastOverTime;
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
  if (argument.type == ValueType::kRangeVector) {
    return in_order(over_range(call.function, std::get<Selector>(argument.node)));
  }
  if (call.function == Function::kAbsent) return absent(argument);
  if (call.function == Function::kTimestamp) return timestamp(argument);
  HALFOPEN_ASSERT(call.function == Function::kAbs);
  HALFOPEN_TRY(vector, value(argument));
  for (ExpressionSample& sample : vector) {
    sample = {without_name(std::move(sample.labels)), std::abs(sample.value)};
  }
  return in_order(std::move(vector));
}

// 1 where the vector is empty, with the labels that an equality of the selector pins down.
Result<ExpressionValue> Evaluator::absent(const Syntax& argument) const {
  HALFOPEN_TRY(vector, value(argument));
  if (!vector.empty()) return ExpressionValue{};
  SeriesLabels labels;
  std::set<std::string> ambiguous;
  if (const auto* selector = std::get_if<Selector>(&argument.node)) {
    for (const LabelMatcher& matcher : selector->matchers) {
      const bool equality = matcher.kind == LabelMatcher::Kind::kEqual;
      if (!equality || !labels.emplace(matcher.label, matcher.text).second) {
        ambiguous.insert(matcher.label);
      }
    }
  }
  for (const std::string& label : ambiguous)
    labels.erase(label);
  // A label with the value "" is a label that is not there.
  std::erase_if(labels, [](const auto& label) { return label.second.empty(); });
  return ExpressionValue{{std::move(labels), 1}};
}

// When a selector's samples were taken; of anything else, the instant of evaluation.
Result<ExpressionValue> Evaluator::timestamp(const Syntax& argument) const {
  HALFOPEN_TRY(epoch, wall_seconds(Instant{}));
  ExpressionValue vector;
  if (const auto* selector = std::get_if<Selector>(&argument.node)) {
    vector = select(*selector, true);
  } else {
    HALFOPEN_TRY(computed, value(argument));
    vector = std::move(computed);
    for (ExpressionSample& sample : vector)
      sample.value = at_.seconds();
  }
  for (ExpressionSample& sample : vector) {
    sample = {without_name(std::move(sample.labels)), sample.value + epoch};
  }
  return in_order(std::move(vector));
}

Result<ExpressionValue> Evaluator::aggregate(const Aggregation& aggregation) const {
  HALFOPEN_TRY(vector, value(*aggregation.operand));
  std::map<SeriesLabels, Accumulator> groups;
  for (const ExpressionSample& sample : vector) {
    groups[group_of(aggregation, sample.labels)].add(sample.value);
  }
  ExpressionValue result;
  for (const auto& [labels, accumulator] : groups) {
    result.push_back({labels, accumulator.result(aggregation.aggregator)});
  }
  return result;
}

Result<double> Evaluator::wall_seconds(Instant at) const {
  if (!settings_.wall_offset) {
    return Problem{"time() and timestamp() need the run's wall clock, which is not known here"};
  }
  return (at + *settings_.wall_offset).seconds();
}

}  // namespace halfopen::expression

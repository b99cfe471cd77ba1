// The words of the language and what they stand for. A word that is in none of these tables, where
// an operator or a function belongs, is outside the subset.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "harness/model/expression/syntax.hpp"

namespace halfopen::expression {

struct OperatorDefinition {
  std::string_view text;
  Operator operation;
  int precedence;
};
inline constexpr int kPowerPrecedence = 6;  // binds tightest, and to the right
inline constexpr std::array<OperatorDefinition, 15> kOperators{{
    {"^", Operator::kPower, kPowerPrecedence},
    {"*", Operator::kMultiply, 5},
    {"/", Operator::kDivide, 5},
    {"%", Operator::kModulo, 5},
    {"+", Operator::kAdd, 4},
    {"-", Operator::kSubtract, 4},
    {"==", Operator::kEqual, 3},
    {"!=", Operator::kNotEqual, 3},
    {">", Operator::kGreater, 3},
    {"<", Operator::kLess, 3},
    {">=", Operator::kGreaterOrEqual, 3},
    {"<=", Operator::kLessOrEqual, 3},
    {"and", Operator::kAnd, 2},
    {"unless", Operator::kUnless, 2},
    {"or", Operator::kOr, 1},
}};

struct FunctionDefinition {
  std::string_view name;
  Function function;
  std::optional<ValueType> argument;  // none: takes no argument
  ValueType result;
  bool has_parameter = false;  // a number before the argument
};
inline constexpr auto kVector = ValueType::kInstantVector;
inline constexpr auto kRange = ValueType::kRangeVector;
inline constexpr std::array<FunctionDefinition, 21> kFunctions{{
    {"rate", Function::kRate, kRange, kVector},
    {"increase", Function::kIncrease, kRange, kVector},
    {"delta", Function::kDelta, kRange, kVector},
    {"changes", Function::kChanges, kRange, kVector},
    {"resets", Function::kResets, kRange, kVector},
    {"avg_over_time", Function::kAvgOverTime, kRange, kVector},
    {"min_over_time", Function::kMinOverTime, kRange, kVector},
    {"max_over_time", Function::kMaxOverTime, kRange, kVector},
    {"sum_over_time", Function::kSumOverTime, kRange, kVector},
    {"count_over_time", Function::kCountOverTime, kRange, kVector},
    {"last_over_time", Function::kLastOverTime, kRange, kVector},
    {"stddev_over_time", Function::kStddevOverTime, kRange, kVector},
    {"stdvar_over_time", Function::kStdvarOverTime, kRange, kVector},
    {"quantile_over_time", Function::kQuantileOverTime, kRange, kVector, true},
    {"present_over_time", Function::kPresentOverTime, kRange, kVector},
    {"absent_over_time", Function::kAbsentOverTime, kRange, kVector},
    {"histogram_quantile", Function::kHistogramQuantile, kVector, kVector, true},
    {"absent", Function::kAbsent, kVector, kVector},
    {"time", Function::kTime, std::nullopt, ValueType::kScalar},
    {"timestamp", Function::kTimestamp, kVector, kVector},
    {"abs", Function::kAbs, kVector, kVector},
}};

struct AggregatorDefinition {
  std::string_view name;
  Aggregator aggregator;
};
inline constexpr std::array<AggregatorDefinition, 5> kAggregators{{{"sum", Aggregator::kSum},
                                                                   {"min", Aggregator::kMin},
                                                                   {"max", Aggregator::kMax},
                                                                   {"avg", Aggregator::kAvg},
                                                                   {"count", Aggregator::kCount}}};
// PromQL's other aggregations, known only to be refused by name.
inline constexpr std::array<std::string_view, 7> kOtherAggregators{
    "group", "stddev", "stdvar", "topk", "bottomk", "count_values", "quantile"};
// Words that are never a metric's name, and words that PromQL takes for one where a name belongs:
// a metric called "and" would make a condition that nobody can read.
inline constexpr std::array<std::string_view, 6> kKeywords{"on",         "ignoring",    "bool",
                                                           "group_left", "group_right", "atan2"};
inline constexpr std::array<std::string_view, 6> kKeywordNames{"by",  "without", "offset",
                                                               "and", "or",      "unless"};
// PromQL's other functions, known only so that a misspelt word is told from one of them.
inline constexpr std::array<std::string_view, 52> kOtherFunctions{"acos",
                                                                  "acosh",
                                                                  "asin",
                                                                  "asinh",
                                                                  "atan",
                                                                  "atanh",
                                                                  "ceil",
                                                                  "clamp",
                                                                  "clamp_max",
                                                                  "clamp_min",
                                                                  "cos",
                                                                  "cosh",
                                                                  "day_of_month",
                                                                  "day_of_week",
                                                                  "day_of_year",
                                                                  "days_in_month",
                                                                  "deg",
                                                                  "deriv",
                                                                  "exp",
                                                                  "floor",
                                                                  "histogram_count",
                                                                  "histogram_fraction",
                                                                  "histogram_sum",
                                                                  "holt_winters",
                                                                  "hour",
                                                                  "idelta",
                                                                  "irate",
                                                                  "label_join",
                                                                  "label_replace",
                                                                  "ln",
                                                                  "log10",
                                                                  "log2",
                                                                  "mad_over_time",
                                                                  "minute",
                                                                  "month",
                                                                  "pi",
                                                                  "predict_linear",
                                                                  "rad",
                                                                  "round",
                                                                  "scalar",
                                                                  "sgn",
                                                                  "sin",
                                                                  "sinh",
                                                                  "sort",
                                                                  "sort_by_label",
                                                                  "sort_desc",
                                                                  "sqrt",
                                                                  "tan",
                                                                  "tanh",
                                                                  "vector",
                                                                  "year",
                                                                  "double_exponential_smoothing"};

}  // namespace halfopen::expression

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
};
inline constexpr auto kVector = ValueType::kInstantVector;
inline constexpr auto kRange = ValueType::kRangeVector;
inline constexpr std::array<FunctionDefinition, 15> kFunctions{{
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
inline constexpr std::array<std::string_view, 12> kKeywords{
    "by",  "without", "on",     "ignoring",   "bool",        "offset",
    "and", "or",      "unless", "group_left", "group_right", "atan2"};

}  // namespace halfopen::expression

// The tree of a parsed expression. Think of it as PromQL with everything optional taken away: a
// node knows its type, so that evaluation can never meet a range vector where a number belongs.
//
// Invariants (parser.cpp makes no other trees): operands are never null; a range selector appears
// only as the argument of a function that takes one; `depth` is at most kDepthMax, so recursion
// over a tree is bounded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/time.hpp"
#include "harness/model/expression/label_pattern.hpp"

namespace halfopen::expression {

inline constexpr std::size_t kTextMax = 4096;
inline constexpr unsigned kDepthMax = 100;

struct Syntax;
using SyntaxPointer = std::unique_ptr<const Syntax>;

enum class ValueType : std::uint8_t { kScalar, kInstantVector, kRangeVector };

struct LabelMatcher {
  enum class Kind : std::uint8_t { kEqual, kNotEqual, kMatches, kNotMatches };
  std::string label;
  Kind kind = Kind::kEqual;
  std::string text;
  LabelPattern pattern;  // of the two regular expression kinds

  // A label that a series lacks has the value "".
  [[nodiscard]] bool accepts(const std::string& value) const;
};

struct Number {
  double value = 0;
};

struct Selector {
  std::string metric;
  std::vector<LabelMatcher> matchers;
  Duration range{};   // zero: an instant selector
  Duration offset{};  // below zero: it looks ahead
};

enum class Function : std::uint8_t {
  kRate,
  kIncrease,
  kDelta,
  kChanges,
  kResets,
  kAvgOverTime,
  kMinOverTime,
  kMaxOverTime,
  kSumOverTime,
  kCountOverTime,
  kLastOverTime,
  kStddevOverTime,
  kStdvarOverTime,
  kQuantileOverTime,
  kPresentOverTime,
  kAbsentOverTime,
  kHistogramQuantile,
  kAbsent,
  kTime,
  kTimestamp,
  kAbs,
};

struct Call {
  Function function{};
  SyntaxPointer parameter;  // the number before the argument, as in quantile_over_time(0.9, ...)
  SyntaxPointer argument;   // null only for time()
};

enum class Aggregator : std::uint8_t { kSum, kMin, kMax, kAvg, kCount };

struct Aggregation {
  Aggregator aggregator{};
  bool without = false;  // group by all labels but `labels`
  std::vector<std::string> labels;
  SyntaxPointer operand;
};

struct Negation {
  SyntaxPointer operand;
  bool minus = true;  // a plus changes no sample, but its operand is no longer a plain selector
};

enum class Operator : std::uint8_t {
  kPower,
  kMultiply,
  kDivide,
  kModulo,
  kAdd,
  kSubtract,
  kEqual,
  kNotEqual,
  kGreater,
  kLess,
  kGreaterOrEqual,
  kLessOrEqual,
  kAnd,
  kUnless,
  kOr,
};

// Which labels pair a series of the left with one of the right.
struct Matching {
  bool on = false;  // only `labels`; else all labels but `labels`
  std::vector<std::string> labels;
};

struct Binary {
  Operator operation{};
  bool return_bool = false;
  Matching matching;
  SyntaxPointer left;
  SyntaxPointer right;
};

struct Syntax {
  std::variant<Number, Selector, Call, Aggregation, Negation, Binary> node;
  ValueType type = ValueType::kScalar;
  unsigned depth = 1;
  std::size_t begin = 0;  // the node's place in the text, parentheses around it left out
  std::size_t end = 0;
};

[[nodiscard]] constexpr bool is_comparison(Operator operation) {
  return operation >= Operator::kEqual && operation <= Operator::kLessOrEqual;
}
[[nodiscard]] constexpr bool is_set_operation(Operator operation) {
  return operation >= Operator::kAnd;
}

}  // namespace halfopen::expression

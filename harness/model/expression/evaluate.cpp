#include "harness/model/expression/evaluate.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "harness/model/expression/evaluator.hpp"

namespace halfopen {

Result<ExpressionValue> evaluate(const Expression& expression, const SeriesStore& store, Instant at,
                                 const EvaluationSettings& settings) {
  const expression::Evaluator evaluator(store, at, settings);
  HALFOPEN_CHECK(evaluator.metrics_exist(expression));
  HALFOPEN_TRY(value, evaluator.value(expression.syntax()));
  std::sort(value.begin(), value.end(), [](const ExpressionSample& a, const ExpressionSample& b) {
    return a.labels < b.labels;
  });
  return Result<ExpressionValue>(std::move(value));
}

std::string value_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  std::array<char, 40> buffer{};
  const auto written = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return {buffer.data(), written.ptr};
}

}  // namespace halfopen

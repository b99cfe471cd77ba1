#include "harness/model/expression/evaluate.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include "harness/model/expression/evaluator.hpp"

namespace halfopen {

Result<ExpressionValue> evaluate(const Expression& expression, const SeriesStore& store, Instant at,
                                 const EvaluationSettings& settings) {
  HALFOPEN_TRY(exist, expression::metrics_exist(expression, store));
  static_cast<void>(exist);
  return expression::Evaluator(store, at, settings).value(expression.syntax());
}

std::string value_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  std::array<char, 40> buffer{};
  const auto written = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return {buffer.data(), written.ptr};
}

}  // namespace halfopen

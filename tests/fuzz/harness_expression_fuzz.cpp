// libFuzzer target: the first byte chooses a parser (expression, metrics page, incident log), the
// rest is its input. Expressions that parse are evaluated, so that evaluation is fuzzed too.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "harness/model/diagnosis.hpp"
#include "harness/model/expression/evaluate.hpp"
#include "harness/model/series.hpp"

namespace {

using halfopen::Instant;

halfopen::SeriesStore make_store() {
  halfopen::SeriesStore store;
  for (std::int64_t second = 0; second < 10; ++second) {
    const Instant at = Instant::from_nanoseconds(second * 1'000'000'000);
    const auto value = static_cast<double>(second);
    const bool stored = store.append("x", {{"a", "b"}}, {at, value}) &&
                        store.append("x", {{"a", "c"}}, {at, -value}) &&
                        store.append("y", {}, {at, 1}) &&
                        store.append("h_bucket", {{"le", "1"}}, {at, value}) &&
                        store.append("h_bucket", {{"le", "+Inf"}}, {at, 2 * value});
    if (!stored) std::abort();
    if (second == 4) store.mark_stale({{"a", "b"}}, at + std::chrono::milliseconds(500));
  }
  return store;
}

bool same(const halfopen::ExpressionValue& one, const halfopen::ExpressionValue& other) {
  return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                    [](const auto& a, const auto& b) {
                      const bool both_nan = std::isnan(a.value) && std::isnan(b.value);
                      return a.labels == b.labels && (a.value == b.value || both_nan);
                    });
}

// Where we do not refuse what Prometheus takes, the answer is the same.
void try_strictness(const halfopen::Expression& expression, const halfopen::SeriesStore& store,
                    Instant at, halfopen::EvaluationSettings settings) {
  const auto strict = halfopen::evaluate(expression, store, at, settings);
  settings.as_prometheus = true;
  const auto lenient = halfopen::evaluate(expression, store, at, settings);
  if (strict.has_error()) return;
  if (lenient.has_error() || !same(*strict, *lenient)) std::abort();
}

void try_expression(const std::string& text) {
  static const halfopen::SeriesStore kStore = make_store();
  const auto parsed = halfopen::Expression::parse(text);
  if (parsed.has_error()) {
    if (parsed.error().text.empty()) std::abort();
    return;
  }
  const halfopen::EvaluationSettings settings{std::chrono::seconds(3), std::chrono::seconds(1000)};
  const Instant at = Instant::from_nanoseconds(9'000'000'000);
  const auto every = halfopen::holds(*parsed, kStore, at, settings, halfopen::Reading::kEvery);
  const auto any = halfopen::holds(*parsed, kStore, at, settings, halfopen::Reading::kAny);
  if (every.has_error() != any.has_error()) std::abort();
  if (every.has_value() && every->holds && !any->holds) std::abort();
  try_strictness(*parsed, kStore, at, settings);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(data + 1, data + size);
  switch (data[0] % 3) {
    case 0:
      try_expression(text);
      break;
    case 1: {
      const auto page = halfopen::parse_exposition(text);
      if (page.has_error() && page.error().text.empty()) std::abort();
      break;
    }
    default:
      static_cast<void>(halfopen::read_log(text));
      break;
  }
  return 0;
}

// libFuzzer target: the first byte chooses a parser (expression, metrics page, incident log), the
// rest is its input. Expressions that parse are evaluated, so that evaluation is fuzzed too.
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
                        store.append("y", {}, {at, 1});
    if (!stored) std::abort();
  }
  return store;
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

// What judging costs: parsing, one look at a condition over 10,000 samples, a page of metrics.
#include <benchmark/benchmark.h>

#include <string>

#include "harness/model/expression/evaluate.hpp"
#include "harness/model/series.hpp"

namespace halfopen {
namespace {

constexpr int kSeries = 10;
constexpr int kSamplesPerSeries = 1000;

SeriesStore ten_thousand_samples() {
  SeriesStore store;
  for (int series = 0; series < kSeries; ++series) {
    const SeriesLabels labels{{"node", "n1"}, {"peer", "n" + std::to_string(series)}};
    for (int i = 0; i < kSamplesPerSeries; ++i) {
      const Instant at = Instant::from_nanoseconds(i * 100'000'000LL);
      if (!store.append("votenode_votes_acked_total", labels, {at, i * 1.0})) return {};
    }
  }
  return store;
}

void evaluate_over_samples(benchmark::State& state, const char* text) {
  const SeriesStore store = ten_thousand_samples();
  const auto expression = Expression::parse(text);
  const EvaluationSettings settings{std::chrono::milliseconds(300), Duration{0}};
  const Instant at = Instant::from_nanoseconds(99'900'000'000);
  for ([[maybe_unused]] auto _ : state) {
    auto truth = holds(*expression, store, at, settings);
    if (truth.has_error()) state.SkipWithError(truth.error().text.c_str());
    benchmark::DoNotOptimize(truth);
  }
}
BENCHMARK_CAPTURE(evaluate_over_samples, instant, "min(votenode_votes_acked_total) >= 0");
BENCHMARK_CAPTURE(evaluate_over_samples, whole_range,
                  "sum by (node) (rate(votenode_votes_acked_total[100s])) > 0");
BENCHMARK_CAPTURE(
    evaluate_over_samples, joined,
    "votenode_votes_acked_total{peer=~\"n.\"} == on(peer) votenode_votes_acked_total");

void parse_expression(benchmark::State& state) {
  for ([[maybe_unused]] auto _ : state) {
    auto parsed = Expression::parse(
        "sum by (node) (rate(votenode_votes_acked_total{peer=~\"n[0-9]\"}[5s] offset 1s)) > 0");
    benchmark::DoNotOptimize(parsed);
  }
}
BENCHMARK(parse_expression);

void parse_metrics_page(benchmark::State& state) {
  std::string page;
  for (int i = 0; i < 200; ++i) {
    page += "# HELP m help\n# TYPE m counter\nm_total{peer=\"n2\",reason=\"r" + std::to_string(i) +
            "\"} " + std::to_string(i) + "\n";
  }
  for ([[maybe_unused]] auto _ : state) {
    auto samples = parse_exposition(page);
    if (samples.has_error()) state.SkipWithError(samples.error().text.c_str());
    benchmark::DoNotOptimize(samples);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(page.size()));
}
BENCHMARK(parse_metrics_page);

}  // namespace
}  // namespace halfopen

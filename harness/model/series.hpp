// The samples of a run: what was scraped, when.
//
// Samples are appended in time order per series; the store is bounded (an over-full store drops
// nothing silently: append says no).
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace halfopen {

// Without the metric's name; the harness adds "node".
using SeriesLabels = std::map<std::string, std::string>;

struct Sample {
  Instant at;
  double value = 0;
};

class SeriesStore {
 public:
  static constexpr std::size_t kSamplesMax = 20'000'000;

  // False when the store is full.
  [[nodiscard]] bool append(const std::string& name, const SeriesLabels& labels, Sample sample);
  // Marks every series with these labels (a subset match, such as {node="n1"}) as gone at `at`,
  // as Prometheus does when a scrape fails: instant selectors do not see older samples.
  void mark_stale(const SeriesLabels& subset, Instant at);

  [[nodiscard]] bool has_metric(std::string_view name) const;
  [[nodiscard]] std::size_t sample_count() const { return sample_count_; }

  struct Series {
    SeriesLabels labels;
    std::vector<Sample> samples;
    std::vector<bool> stale;  // parallel to samples: true where the series was gone (value NaN)
  };
  // By name, in label order; nullptr when no process ever exposed the name.
  [[nodiscard]] const std::map<SeriesLabels, Series>* find(std::string_view name) const;
  [[nodiscard]] const std::map<std::string, std::map<SeriesLabels, Series>, std::less<>>& all()
      const {
    return by_name_;
  }

 private:
  std::map<std::string, std::map<SeriesLabels, Series>, std::less<>> by_name_;
  std::size_t sample_count_ = 0;
};

// Prometheus text exposition 0.0.4 into samples. Who scraped it adds `node`. Limits: 4 MiB, 64
// labels a sample. Errors name the line and what was expected in it; a page is taken whole or not
// at all.
struct ExposedSample {
  std::string name;
  SeriesLabels labels;
  double value = 0;
};
[[nodiscard]] Result<std::vector<ExposedSample>> parse_exposition(std::string_view text);

}  // namespace halfopen

#include "harness/model/series.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace halfopen {

bool SeriesStore::append(const std::string& name, const SeriesLabels& labels, Sample sample) {
  if (sample_count_ >= kSamplesMax) return false;
  Series& series = by_name_[name][labels];
  if (series.samples.empty()) series.labels = labels;
  series.samples.push_back(sample);
  series.stale.push_back(false);
  ++sample_count_;
  return true;
}

void SeriesStore::mark_stale(const SeriesLabels& subset, Instant at) {
  for (auto& [name, by_labels] : by_name_) {
    for (auto& [labels, series] : by_labels) {
      // A gone series stays gone; marking it once keeps an absent node from filling the store.
      if (series.stale.empty() || series.stale.back()) continue;
      const bool selected =
          std::includes(labels.begin(), labels.end(), subset.begin(), subset.end());
      if (!selected) continue;
      series.samples.push_back({at, std::numeric_limits<double>::quiet_NaN()});
      series.stale.push_back(true);
      ++sample_count_;
    }
  }
}

bool SeriesStore::has_metric(std::string_view name) const {
  return find(name) != nullptr;
}

const std::map<SeriesLabels, SeriesStore::Series>* SeriesStore::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &found->second;
}

}  // namespace halfopen

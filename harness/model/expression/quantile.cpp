#include "harness/model/expression/quantile.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "harness/model/expression/binary_operation.hpp"

namespace halfopen::expression {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
const std::string kBoundLabel = "le";

struct Bucket {
  double upper_bound = 0;
  double count = 0;  // of observations up to the bound: buckets are cumulative
};

// What is no quantile has a value of its own.
std::optional<double> out_of_range(double which) {
  if (std::isnan(which)) return kNan;
  if (which < 0) return -kInfinity;
  if (which > 1) return kInfinity;
  return std::nullopt;
}

std::optional<double> bound_of(const SeriesLabels& labels) {
  const auto found = labels.find(kBoundLabel);
  if (found == labels.end()) return std::nullopt;
  std::string_view text = found->second;
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  // from_chars knows "inf" in any case.
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

// In order of their bounds, each bound once, and no count below the one before it: a scrape that
// caught a histogram in the middle of an update must not turn the search below into nonsense.
std::vector<Bucket> straightened(std::vector<Bucket> buckets) {
  std::stable_sort(buckets.begin(), buckets.end(),
                   [](const Bucket& a, const Bucket& b) { return a.upper_bound < b.upper_bound; });
  std::vector<Bucket> result;
  for (const Bucket& bucket : buckets) {
    if (!result.empty() && result.back().upper_bound == bucket.upper_bound) {
      result.back().count += bucket.count;
    } else {
      result.push_back(bucket);
    }
  }
  double greatest = result.front().count;
  for (Bucket& bucket : result) {
    if (bucket.count > greatest) greatest = bucket.count;
    if (bucket.count < greatest) bucket.count = greatest;
  }
  return result;
}

double of_buckets(double which, std::vector<Bucket> unordered) {
  if (const auto special = out_of_range(which)) return *special;
  const std::vector<Bucket> buckets = straightened(std::move(unordered));
  if (buckets.back().upper_bound != kInfinity || buckets.size() < 2) return kNan;
  const double observations = buckets.back().count;
  if (observations == 0) return kNan;
  double rank = which * observations;
  // Counts that are NaN compare as not reaching the rank, in this very order of looks.
  std::size_t index = 0;
  std::size_t end = buckets.size() - 1;
  while (index < end) {
    const std::size_t middle = index + (end - index) / 2;
    if (buckets[middle].count >= rank) {
      end = middle;
    } else {
      index = middle + 1;
    }
  }
  // Nothing is known of the last bucket but where it begins.
  if (index == buckets.size() - 1) return buckets[buckets.size() - 2].upper_bound;
  if (index == 0 && buckets.front().upper_bound <= 0) return buckets.front().upper_bound;
  double begin = 0;
  double count = buckets[index].count;
  if (index > 0) {
    begin = buckets[index - 1].upper_bound;
    count -= buckets[index - 1].count;
    rank -= buckets[index - 1].count;
  }
  return begin + (buckets[index].upper_bound - begin) * (rank / count);
}

}  // namespace

double quantile(double which, std::vector<double> values) {
  if (values.empty()) return kNan;
  if (const auto special = out_of_range(which)) return *special;
  // NaN stands before every number.
  std::sort(values.begin(), values.end(),
            [](double a, double b) { return std::isnan(a) ? !std::isnan(b) : a < b; });
  const double rank = which * static_cast<double>(values.size() - 1);
  const double below = std::floor(rank);
  const auto lower = static_cast<std::size_t>(below);
  const std::size_t upper = std::min(values.size() - 1, lower + 1);
  const double weight = rank - below;
  return values[lower] * (1 - weight) + values[upper] * weight;
}

ExpressionValue histogram_quantile(double which, const ExpressionValue& buckets) {
  std::map<SeriesLabels, std::size_t> places;
  std::vector<std::pair<SeriesLabels, std::vector<Bucket>>> groups;
  for (const ExpressionSample& sample : buckets) {
    const auto bound = bound_of(sample.labels);
    if (!bound) continue;
    // Two metrics are two histograms; that their results would look alike is the caller's to see.
    SeriesLabels labels = sample.labels;
    labels.erase(kBoundLabel);
    const auto [place, added] = places.emplace(std::move(labels), groups.size());
    if (added) groups.push_back({without_name(place->first), {}});
    groups[place->second].second.push_back({*bound, sample.value});
  }
  ExpressionValue result;
  for (auto& [labels, group] : groups) {
    result.push_back({std::move(labels), of_buckets(which, std::move(group))});
  }
  return result;
}

}  // namespace halfopen::expression

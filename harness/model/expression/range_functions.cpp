#include "harness/model/expression/range_functions.hpp"

#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "base/assert.hpp"
#include "harness/model/expression/quantile.hpp"

namespace halfopen::expression {
namespace {

// Neumaier's compensated sum, so that many small values beside a large one are not lost.
class CompensatedSum {
 public:
  void add(double value) {
    const double next = total_ + value;
    if (std::abs(total_) >= std::abs(value)) {
      lost_ += (total_ - next) + value;
    } else {
      lost_ += (value - next) + total_;
    }
    total_ = next;
  }
  [[nodiscard]] double total() const { return total_; }
  [[nodiscard]] double exact() const { return total_ + lost_; }
  // What was lost means nothing beside an infinity.
  [[nodiscard]] double result() const { return std::isinf(total_) ? total_ : exact(); }

 private:
  double total_ = 0;
  double lost_ = 0;
};

double sum(std::span<const Sample> samples) {
  CompensatedSum total;
  for (const Sample& sample : samples)
    total.add(sample.value);
  return total.result();
}

// A running mean does not overflow where the sum would. An infinite mean stays as it is for all but
// the opposite infinity and NaN, which make it NaN.
double mean(std::span<const Sample> samples) {
  CompensatedSum mean;
  double count = 0;
  for (const Sample& sample : samples) {
    ++count;
    const double before = mean.total();
    if (std::isinf(before)) {
      const bool same_infinity = std::isinf(sample.value) && (before > 0) == (sample.value > 0);
      if (same_infinity || std::isfinite(sample.value)) continue;
    }
    mean.add(sample.value / count - before / count);
  }
  return mean.result();
}

// The population's variance, by Welford's running mean.
double variance(std::span<const Sample> samples) {
  CompensatedSum mean;
  CompensatedSum squares;
  double count = 0;
  for (const Sample& sample : samples) {
    ++count;
    const double distance = sample.value - mean.exact();
    mean.add(distance / count);
    squares.add(distance * (sample.value - mean.exact()));
  }
  return squares.exact() / count;
}

double quantile_of(double which, std::span<const Sample> samples) {
  std::vector<double> values;
  values.reserve(samples.size());
  for (const Sample& sample : samples)
    values.push_back(sample.value);
  return quantile(which, std::move(values));
}

// NaN is passed over unless there is nothing else.
template <class Better>
double extreme(std::span<const Sample> samples, Better better) {
  double best = samples.front().value;
  for (const Sample& sample : samples) {
    if (std::isnan(best) || better(sample.value, best)) best = sample.value;
  }
  return best;
}

template <class Counts>
double count_steps(std::span<const Sample> samples, Counts counts) {
  std::size_t steps = 0;
  for (std::size_t i = 1; i < samples.size(); ++i) {
    if (counts(samples[i - 1].value, samples[i].value)) ++steps;
  }
  return static_cast<double>(steps);
}

bool differ(double before, double after) {
  return before != after && !(std::isnan(before) && std::isnan(after));
}

// How much the value grew over the whole window, as Prometheus guesses it from the samples inside.
// The samples seldom stand at the window's edges, so the growth between the first and the last is
// stretched outwards:
//  - to an edge that is near (within 1.1 average sample distances), all the way;
//  - towards an edge that is far, by half a distance: the series probably began or ended there;
//  - a counter never back to before the moment where it would have been 0.
// A counter that falls was reset, and what it had reached before is added back.
// Per second where `is_rate` says so; in Prometheus's order of operations, to the last bit.
double growth(std::span<const Sample> samples, const RangeWindow& window, bool is_counter,
              bool is_rate) {
  const Sample& first = samples.front();
  const Sample& last = samples.back();
  double grown = last.value - first.value;
  if (is_counter) {
    for (std::size_t i = 1; i < samples.size(); ++i) {
      if (samples[i].value < samples[i - 1].value) grown += samples[i - 1].value;
    }
  }
  const double covered = to_seconds(last.at - first.at);
  const double distance = covered / static_cast<double>(samples.size() - 1);
  double to_begin = to_seconds(first.at - window.begin);
  const double to_end = to_seconds(window.end - last.at);
  if (is_counter && grown > 0 && first.value >= 0) {
    to_begin = std::min(to_begin, covered * (first.value / grown));
  }
  const double near = distance * 1.1;
  const double stretched = covered + (to_begin < near ? to_begin : distance / 2) +
                           (to_end < near ? to_end : distance / 2);
  double factor = stretched / covered;
  if (is_rate) factor /= to_seconds(window.end - window.begin);
  return grown * factor;
}

}  // namespace

std::optional<double> over_range(Function function, std::span<const Sample> samples,
                                 const RangeWindow& window, double parameter) {
  if (samples.empty()) return std::nullopt;
  switch (function) {
    case Function::kRate:
    case Function::kIncrease:
    case Function::kDelta: {
      if (samples.size() < 2) return std::nullopt;
      return growth(samples, window, function != Function::kDelta, function == Function::kRate);
    }
    case Function::kChanges:
      return count_steps(samples, differ);
    case Function::kResets:
      return count_steps(samples, [](double before, double after) { return after < before; });
    case Function::kAvgOverTime:
      return mean(samples);
    case Function::kMinOverTime:
      return extreme(samples, [](double value, double best) { return value < best; });
    case Function::kMaxOverTime:
      return extreme(samples, [](double value, double best) { return value > best; });
    case Function::kSumOverTime:
      return sum(samples);
    case Function::kCountOverTime:
      return static_cast<double>(samples.size());
    case Function::kLastOverTime:
      return samples.back().value;
    case Function::kStddevOverTime:
      return std::sqrt(variance(samples));
    case Function::kStdvarOverTime:
      return variance(samples);
    case Function::kQuantileOverTime:
      return quantile_of(parameter, samples);
    case Function::kPresentOverTime:
    case Function::kAbsentOverTime:  // asks only whether there is any
      return 1;
    case Function::kHistogramQuantile:
    case Function::kAbsent:
    case Function::kTime:
    case Function::kTimestamp:
    case Function::kAbs:
      break;
  }
  HALFOPEN_ASSERT(false && "not a function over a range");
  return std::nullopt;
}

}  // namespace halfopen::expression

#include "harness/model/expression/range_functions.hpp"

#include <cmath>
#include <cstddef>

#include "base/assert.hpp"

namespace halfopen::expression {
namespace {

// Neumaier's compensated sum, so that many small values beside a large one are not lost.
double sum(std::span<const Sample> samples) {
  double total = 0;
  double lost = 0;
  for (const Sample& sample : samples) {
    const double next = total + sample.value;
    if (std::isinf(next)) {
      lost = 0;
    } else if (std::abs(total) >= std::abs(sample.value)) {
      lost += (total - next) + sample.value;
    } else {
      lost += (sample.value - next) + total;
    }
    total = next;
  }
  return std::isinf(total) ? total : total + lost;
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
double growth(std::span<const Sample> samples, const RangeWindow& window, bool is_counter) {
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
  return grown * (stretched / covered);
}

}  // namespace

std::optional<double> over_range(Function function, std::span<const Sample> samples,
                                 const RangeWindow& window) {
  if (samples.empty()) return std::nullopt;
  switch (function) {
    case Function::kRate:
    case Function::kIncrease:
    case Function::kDelta: {
      if (samples.size() < 2) return std::nullopt;
      const double grown = growth(samples, window, function != Function::kDelta);
      if (function != Function::kRate) return grown;
      return grown / to_seconds(window.end - window.begin);
    }
    case Function::kChanges:
      return count_steps(samples, differ);
    case Function::kResets:
      return count_steps(samples, [](double before, double after) { return after < before; });
    case Function::kAvgOverTime:
      return sum(samples) / static_cast<double>(samples.size());
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

#include "harness/model/judge_window.hpp"

#include <algorithm>
#include <cmath>

#include "base/duration_text.hpp"
#include "harness/model/judge_evidence.hpp"

namespace halfopen {
namespace {

constexpr int kGapIntervalsMax = 3;
constexpr double kCoverageMin = 0.9;
constexpr int kWorthCountingIntervals = 10;

const StepSpan* find_step(const RunRecord& record, const std::string& id) {
  const auto found = std::find_if(record.steps.begin(), record.steps.end(),
                                  [&id](const StepSpan& step) { return step.id == id; });
  return found == record.steps.end() ? nullptr : &*found;
}

}  // namespace

Result<Interval> resolve(const Window& window, const RunRecord& record) {
  const std::string& id = window.during.empty() ? window.since : window.during;
  if (id.empty()) {
    if (record.steps.empty()) return Problem{"the run never reached its first step"};
    const Interval first = record.steps.front().span;
    const bool only_step = record.steps.size() == 1;
    return Interval{only_step ? first.begin : first.end, record.whole.end};
  }
  const StepSpan* step = find_step(record, id);
  if (step == nullptr) return Problem{"the run never reached the step ", id};
  if (!window.during.empty()) return step->span;
  if (!window.within) return Interval{step->span.begin, record.whole.end};
  const Instant end = step->span.begin + *window.within;
  if (end > record.whole.end + kGapIntervalsMax * record.scrape_interval) {
    return Problem{"the run ended ", duration_words(end - record.whole.end),
                   " before the window did; add a step that waits"};
  }
  return Interval{step->span.begin, std::min(end, record.whole.end)};
}

std::vector<Instant> scrapes_in(const Interval& interval, const RunRecord& record) {
  std::vector<Instant> scrapes;
  for (const Instant at : record.scrape_times) {
    if (at >= interval.begin && at <= interval.end) scrapes.push_back(at);
  }
  return scrapes;
}

std::string coverage_trouble(const Interval& interval, const std::vector<Instant>& scrapes,
                             const RunRecord& record) {
  if (scrapes.empty()) return "nothing was scraped in the window";
  if (record.scrape_interval <= Duration::zero()) return "the scrape interval is not known";
  const double fitting =
      std::floor(to_seconds(interval.end - interval.begin) / to_seconds(record.scrape_interval));
  const auto needed = static_cast<std::size_t>(std::ceil(fitting * kCoverageMin));
  if (scrapes.size() < needed) {
    return "only " + std::to_string(scrapes.size()) + " of " +
           std::to_string(static_cast<std::size_t>(fitting)) +
           " scrapes took place, and 90 % are needed";
  }
  Duration longest = scrapes.front() - interval.begin;
  for (std::size_t i = 1; i < scrapes.size(); ++i) {
    longest = std::max(longest, scrapes[i] - scrapes[i - 1]);
  }
  longest = std::max(longest, interval.end - scrapes.back());
  if (longest <= kGapIntervalsMax * record.scrape_interval) return {};
  return "nothing was scraped for " + duration_words(longest) + ", more than three intervals of " +
         format_duration(record.scrape_interval);
}

std::string scrape_trouble(const RunRecord& record) {
  if (record.steps.empty()) return "";
  const auto trouble_in = [&record](const Interval& span, const std::string& where) {
    const std::string trouble = coverage_trouble(span, scrapes_in(span, record), record);
    return trouble.empty() ? "" : trouble + " (" + where + "): a machine or a process was too slow";
  };
  const Interval all{record.steps.front().span.begin, record.whole.end};
  std::string trouble = trouble_in(all, "in the run");
  for (const StepSpan& step : record.steps) {
    const bool is_long =
        step.span.end - step.span.begin >= kWorthCountingIntervals * record.scrape_interval;
    if (trouble.empty() && is_long) trouble = trouble_in(step.span, "in step " + step.id);
  }
  return trouble;
}

}  // namespace halfopen

#include "harness/model/judge_window.hpp"

#include <algorithm>
#include <cmath>

#include "base/duration_text.hpp"
#include "harness/model/judge_evidence.hpp"
#include "harness/model/judge_result.hpp"
#include "harness/model/judge_wall.hpp"

namespace halfopen {
namespace {

constexpr int kGapIntervalsMax = 3;
constexpr int kLookbackIntervals = 3;
constexpr double kCoverageMin = 0.9;
constexpr int kWorthCountingIntervals = 10;

const StepSpan* find_step(const RunRecord& record, const std::string& id) {
  const auto found = std::find_if(record.steps.begin(), record.steps.end(),
                                  [&id](const StepSpan& step) { return step.id == id; });
  return found == record.steps.end() ? nullptr : &*found;
}

const Event* first_event(const EventPattern& pattern, Instant from, const RunRecord& record) {
  const auto found =
      std::find_if(record.events.begin(), record.events.end(),
                   [&](const Event& event) { return event.at >= from && matches(pattern, event); });
  return found == record.events.end() ? nullptr : &*found;
}

// From `begin` for `within`, or to the end of the run.
Result<Interval> from(Instant begin, const std::optional<Duration>& within,
                      const RunRecord& record) {
  if (!within) return Interval{begin, record.whole.end};
  const Instant end = begin + *within;
  if (end > record.whole.end + longest_gap(record)) {
    return Problem{"the run ended ", duration_words(end - record.whole.end),
                   " before the window did; add a step that waits"};
  }
  return Interval{begin, std::min(end, record.whole.end)};
}

Result<Interval> since_event(const Window& window, Instant earliest, const RunRecord& record) {
  const Event* event = first_event(*window.since_event, earliest, record);
  if (event != nullptr) return from(event->at, window.within, record);
  return Problem{"the event from which to look never came: ", window.since_event->text()};
}

// A fault that was there from the run's first moment is told before the record begins, or not.
Result<Interval> during_fault(const Window& window, const RunRecord& record) {
  const FaultSpan& fault = *window.during_fault;
  const std::map<std::string, std::string> fields{{"proxy", fault.link}, {"fault", fault.name}};
  const Event* added = first_event({"fault_added", fields}, record.whole.begin, record);
  if (added == nullptr) {
    return Problem{"the fault ", fault.name, " was never added to ", fault.link};
  }
  const Event* removed = first_event({"fault_removed", fields}, added->at, record);
  const Instant end = removed == nullptr ? record.whole.end : removed->at;
  if (!window.within) return Interval{added->at, end};
  HALFOPEN_TRY(limited, from(added->at, window.within, record));
  return Interval{limited.begin, std::min(limited.end, end)};
}

}  // namespace

Result<Interval> resolve(const Window& window, const RunRecord& record) {
  if (window.during_fault) return during_fault(window, record);
  const std::string& id = window.during.empty() ? window.since : window.during;
  if (id.empty()) {
    if (window.since_event) return since_event(window, record.whole.begin, record);
    if (record.steps.empty()) return Problem{"the run never reached its first step"};
    const Interval first = record.steps.front().span;
    const bool only_step = record.steps.size() == 1;
    return Interval{only_step ? first.begin : first.end, record.whole.end};
  }
  const StepSpan* step = find_step(record, id);
  if (step == nullptr) return Problem{"the run never reached the step ", id};
  if (!window.during.empty()) return step->span;
  if (window.since_event) return since_event(window, step->span.begin, record);
  return from(step->span.begin, window.within, record);
}

Duration longest_gap(const RunRecord& record) {
  return kGapIntervalsMax * record.scrape_interval;
}

EvaluationSettings evaluation_settings(const RunRecord& record) {
  return {kLookbackIntervals * record.scrape_interval, wall_offset_of(record)};
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
  // Of scrapes that are never exactly on time, one at either end may fall outside.
  const auto needed =
      static_cast<std::size_t>(std::ceil(std::max(fitting - 1, 1.0) * kCoverageMin));
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
  if (longest <= longest_gap(record)) return {};
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

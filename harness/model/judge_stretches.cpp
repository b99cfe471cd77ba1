#include "harness/model/judge_stretches.hpp"

#include <optional>

#include "base/duration_text.hpp"
#include "harness/model/expression/evaluate.hpp"
#include "harness/model/judge_conditions.hpp"
#include "harness/model/judge_evidence.hpp"
#include "harness/model/judge_silence.hpp"

namespace halfopen {
namespace {

std::string interval_text(const Interval& interval, Instant origin) {
  return duration_words(interval.end - interval.begin) + ", from " +
         time_text(interval.begin, origin) + " to " + time_text(interval.end, origin);
}

// Follows a condition from scrape to scrape and keeps its longest stretch.
class Stretches {
 public:
  explicit Stretches(Duration gap_max) : gap_max_(gap_max) {}

  void take(Instant at, bool holds, const std::string& seen) {
    if (holds) {
      const bool goes_on = current_ && at - current_->end <= gap_max_;
      if (!goes_on) current_ = Interval{at, at};
      current_->end = at;
      if (!longest_ || length(*current_) > length(*longest_)) {
        longest_ = current_;
        broken_by_.reset();
      }
      return;
    }
    const bool ends_longest = current_ && longest_ && current_->begin == longest_->begin;
    if (ends_longest) broken_by_ = Break{at, seen};
    current_.reset();
  }

  struct Break {
    Instant at;
    std::string seen;
  };
  [[nodiscard]] const std::optional<Interval>& longest() const { return longest_; }
  [[nodiscard]] const std::optional<Break>& broken_by() const { return broken_by_; }
  [[nodiscard]] Duration current_length() const {
    return current_ ? length(*current_) : Duration{-1};
  }
  [[nodiscard]] Duration longest_length() const {
    return longest_ ? length(*longest_) : Duration{-1};
  }

 private:
  static Duration length(const Interval& interval) { return interval.end - interval.begin; }

  Duration gap_max_;
  std::optional<Interval> current_;
  std::optional<Interval> longest_;
  std::optional<Break> broken_by_;  // what ended the longest
};

// A plan in which nobody may be missing: what the condition ever looked at must be back at the end.
ExpectationResult judge_holds_at_end(const HoldsFor& expected, const Interval& window,
                                     const RunRecord& record) {
  if (window.end - window.begin < expected.at_least) {
    return result_of(Verdict::kInconclusive,
                     "the window ended after " + duration_words(window.end - window.begin),
                     window.end);
  }
  const Interval last{window.end - expected.at_least, window.end};
  return judge_always(expected.condition, last, record, {});
}

}  // namespace

ExpectationResult judge_holds_for(const HoldsFor& expected, const Interval& window,
                                  const RunRecord& record) {
  if (expected.at_end) return judge_holds_at_end(expected, window, record);
  const std::vector<Instant> scrapes = scrapes_in(window, record);
  const EvaluationSettings settings = evaluation_settings(record);
  const SilenceWatch silence(expected.condition, record.samples);
  const Instant origin = record.whole.begin;
  Stretches stretches(longest_gap(record));
  Stretches with_survivors(longest_gap(record));  // as if the silent had agreed
  std::string held_without;
  std::string last_seen;
  for (const Instant at : scrapes) {
    const auto heard = hear(expected.condition, silence, record.samples, at, settings);
    if (heard.has_error()) {
      return result_of(Verdict::kInconclusive, "cannot be judged: " + heard.error().text, at);
    }
    last_seen = heard->seen;
    stretches.take(at, heard->holds, heard->seen);
    with_survivors.take(at, heard->holds || heard->held_without, heard->seen);
    if (heard->held_without && held_without.empty()) {
      held_without = time_text(at, origin) + " " + heard->seen;
    }
    if (stretches.current_length() < expected.at_least) continue;
    return result_of(Verdict::kPass, "held for " + interval_text(*stretches.longest(), origin), at);
  }
  const std::string trouble = coverage_trouble(window, scrapes, record);
  if (!trouble.empty()) return result_of(Verdict::kInconclusive, trouble, window.end);
  if (with_survivors.longest_length() >= expected.at_least) {
    const std::string whole =
        stretches.longest() ? "at most " + interval_text(*stretches.longest(), origin) : "never";
    return result_of(Verdict::kInconclusive, "with all " + whole + "; " + held_without, window.end);
  }
  if (!stretches.longest()) {
    return result_of(Verdict::kFail,
                     "held at none of " + std::to_string(scrapes.size()) + " scrapes, the last: " +
                         time_text(scrapes.back(), origin) + " " + last_seen,
                     window.end);
  }
  std::string seen = "held for at most " + interval_text(*stretches.longest(), origin);
  const auto& broken_by = stretches.broken_by();
  if (broken_by) seen += "; then " + broken_by->seen;
  return result_of(Verdict::kFail, seen, broken_by ? broken_by->at : window.end);
}

ExpectationResult judge_count_times(const CountTimes& expected, const Interval& window,
                                    const RunRecord& record, const std::vector<Absence>& absences) {
  const std::vector<Instant> scrapes = scrapes_in(window, record);
  const EvaluationSettings settings = evaluation_settings(record);
  const SilenceWatch silence(expected.condition, record.samples);
  Counted counted;
  std::string unheard;
  bool held = true;  // what holds when the window opens did not become true in it
  for (const Instant at : scrapes) {
    const auto heard = hear(expected.condition, silence, record.samples, at, settings);
    if (heard.has_error()) {
      return result_of(Verdict::kInconclusive, "cannot be judged: " + heard.error().text, at);
    }
    const auto silent = silence.at(at, absences);
    if (silent) {
      if (unheard.empty()) {
        unheard = time_text(at, record.whole.begin) + " " + silent->seen + silent->advice;
      }
      continue;
    }
    if (heard->holds && !held) {
      ++counted.number;
      counted.last = at;
    }
    held = heard->holds;
    if (is_decided(expected.bound, counted.number)) break;
  }
  counted.trouble = unheard.empty() ? coverage_trouble(window, scrapes, record) : unheard;
  return judge_count(expected.bound, counted, "it became true", window, record.whole.begin);
}

}  // namespace halfopen

#include "harness/model/judge_alerts.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "base/duration_text.hpp"
#include "harness/model/expression/evaluate.hpp"
#include "harness/model/judge_evidence.hpp"
#include "harness/model/judge_silence.hpp"

namespace halfopen {
namespace {

struct Watch {
  std::optional<Instant> fired;  // first, in the window
  std::string labels;            // of that alert
  Duration longest_pending{-1};  // of any label set, in the window; -1: never
  std::string trouble;           // the rule cannot be evaluated
};

std::string labels_text(const SeriesLabels& labels) {
  std::string text;
  for (const auto& [label, value] : labels) {
    if (label == "__name__") continue;
    text += (text.empty() ? "" : ",") + label + "=\"" + value + "\"";
  }
  return "{" + text + "}";
}

Watch watch(const AlertRule& rule, const Interval& window, const RunRecord& record) {
  const EvaluationSettings settings = evaluation_settings(record);
  std::map<SeriesLabels, Instant> since;  // of what is pending or firing
  Watch result;
  for (const Instant at : record.scrape_times) {
    if (at > window.end || result.fired) break;
    const auto found = evaluate(rule.expression, record.samples, at, settings);
    if (found.has_error()) {
      result.trouble = "the alert " + rule.name + " cannot be evaluated: " + found.error().text;
      return result;
    }
    std::map<SeriesLabels, Instant> still;
    for (const ExpressionSample& sample : *found) {
      const auto before = since.find(sample.labels);
      const Instant begin = before == since.end() ? at : before->second;
      still.emplace(sample.labels, begin);
      if (!is_in(at, window)) continue;
      result.longest_pending = std::max(result.longest_pending, at - begin);
      if (result.fired || at - begin < rule.hold) continue;
      result.fired = at;
      result.labels = labels_text(sample.labels);
    }
    since = std::move(still);
  }
  return result;
}

std::string fired_text(const AlertRule& rule, const Watch& watched, const RunRecord& record) {
  return rule.name + " fired at " + time_text(*watched.fired, record.whole.begin) + " for " +
         watched.labels;
}

std::string silent_text(const AlertRule& rule, const Watch& watched) {
  if (watched.longest_pending < Duration::zero()) return rule.name + " was never pending";
  return rule.name + " was pending for " + duration_words(watched.longest_pending) +
         " at most and fires after " + format_duration(rule.hold);
}

// What the rules came to, in the order in which they are named.
struct Outcome {
  std::vector<std::string> good;
  std::vector<std::string> bad;
  std::vector<std::string> troubles;
  Instant last_fired;             // of those that had to
  std::optional<Instant> failed;  // the first moment that decides against it
};

void take_fire(const AlertRule& rule, const Interval& window, const RunRecord& record,
               Outcome& outcome) {
  const Watch watched = watch(rule, window, record);
  if (watched.fired) {
    outcome.good.push_back(fired_text(rule, watched, record));
    outcome.last_fired = std::max(outcome.last_fired, *watched.fired);
  } else if (!watched.trouble.empty()) {
    outcome.troubles.push_back(watched.trouble);
  } else {
    const std::string trouble = coverage_trouble(window, scrapes_in(window, record), record);
    if (!trouble.empty()) return outcome.troubles.push_back(trouble);
    outcome.bad.push_back(silent_text(rule, watched));
    if (!outcome.failed) outcome.failed = window.end;
  }
}

// Whose page is gone raises no alert: the first who was asked and did not answer, or "".
std::string unheard(const AlertRule& rule, const Interval& window, const RunRecord& record,
                    const std::vector<Absence>& absences) {
  const SilenceWatch silence(rule.expression, record.samples);
  for (const Instant at : scrapes_in(window, record)) {
    if (const auto silent = silence.at(at, absences)) {
      return "that " + rule.name + " is silent says nothing: at " +
             time_text(at, record.whole.begin) + " " + silent->seen;
    }
  }
  return {};
}

void take_silent(const AlertRule& rule, const Interval& window, const RunRecord& record,
                 const std::vector<Absence>& absences, Outcome& outcome) {
  const Watch watched = watch(rule, window, record);
  if (watched.fired) {
    outcome.bad.push_back(fired_text(rule, watched, record));
    outcome.failed = std::min(outcome.failed.value_or(*watched.fired), *watched.fired);
  } else if (!watched.trouble.empty()) {
    outcome.troubles.push_back(watched.trouble);
  } else {
    std::string trouble = coverage_trouble(window, scrapes_in(window, record), record);
    if (trouble.empty()) trouble = unheard(rule, window, record, absences);
    if (!trouble.empty()) return outcome.troubles.push_back(trouble);
    outcome.good.push_back(silent_text(rule, watched));
  }
}

}  // namespace

ExpectationResult judge_alerts(const Alerts& expected, const Interval& window,
                               const RunRecord& record, const std::vector<Absence>& absences) {
  Outcome outcome;
  for (const AlertRule& rule : expected.fire)
    take_fire(rule, window, record, outcome);
  for (const AlertRule& rule : expected.silent)
    take_silent(rule, window, record, absences, outcome);
  if (outcome.failed) {
    return result_of(Verdict::kFail, joined(outcome.bad), *outcome.failed);
  }
  if (!outcome.troubles.empty()) {
    return result_of(Verdict::kInconclusive, joined(outcome.troubles), window.end);
  }
  // Silence is decided by the window's end, a fire by its own moment.
  const Instant moment = expected.silent.empty() ? outcome.last_fired : window.end;
  return result_of(Verdict::kPass, joined(outcome.good), moment);
}

}  // namespace halfopen

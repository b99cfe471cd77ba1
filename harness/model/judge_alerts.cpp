#include "harness/model/judge_alerts.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

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

ExpectationPart part_of(const AlertRule& rule, Verdict verdict, std::string seen, Instant moment) {
  return {rule.name, verdict, std::move(seen), moment, {}};
}

ExpectationPart judge_fire(const AlertRule& rule, const Interval& window, const RunRecord& record) {
  const Watch watched = watch(rule, window, record);
  if (watched.fired) {
    return part_of(rule, Verdict::kPass, fired_text(rule, watched, record), *watched.fired);
  }
  std::string trouble = watched.trouble;
  if (trouble.empty()) trouble = coverage_trouble(window, scrapes_in(window, record), record);
  if (!trouble.empty()) return part_of(rule, Verdict::kInconclusive, trouble, window.end);
  return part_of(rule, Verdict::kFail, silent_text(rule, watched), window.end);
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

ExpectationPart judge_silent(const AlertRule& rule, const Interval& window, const RunRecord& record,
                             const std::vector<Absence>& absences) {
  const Watch watched = watch(rule, window, record);
  if (watched.fired) {
    return part_of(rule, Verdict::kFail, fired_text(rule, watched, record), *watched.fired);
  }
  std::string trouble = watched.trouble;
  if (trouble.empty()) trouble = coverage_trouble(window, scrapes_in(window, record), record);
  if (trouble.empty()) trouble = unheard(rule, window, record, absences);
  if (!trouble.empty()) return part_of(rule, Verdict::kInconclusive, trouble, window.end);
  return part_of(rule, Verdict::kPass, silent_text(rule, watched), window.end);
}

}  // namespace

ExpectationResult judge_alerts(const Alerts& expected, const Interval& window,
                               const RunRecord& record, const std::vector<Absence>& absences) {
  std::vector<ExpectationPart> parts;
  for (const AlertRule& rule : expected.fire)
    parts.push_back(judge_fire(rule, window, record));
  for (const AlertRule& rule : expected.silent)
    parts.push_back(judge_silent(rule, window, record, absences));
  const Verdict verdict = combine_parts(parts);
  // Of what failed, the first moment; all that had to be seen was seen by the last one.
  std::vector<std::string> seen;
  std::optional<Instant> moment;
  for (const ExpectationPart& part : parts) {
    if (part.verdict != verdict) continue;
    seen.push_back(part.seen);
    const bool earliest = verdict == Verdict::kFail;
    if (!moment || (earliest ? part.moment < *moment : part.moment > *moment)) moment = part.moment;
  }
  ExpectationResult result = result_of(verdict, joined(seen), moment.value_or(window.end));
  result.parts = std::move(parts);
  return result;
}

}  // namespace halfopen

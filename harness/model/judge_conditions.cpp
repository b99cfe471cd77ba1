#include "harness/model/judge_conditions.hpp"

#include "harness/model/expression/evaluate.hpp"
#include "harness/model/judge_evidence.hpp"
#include "harness/model/judge_result.hpp"
#include "harness/model/judge_silence.hpp"

namespace halfopen {
namespace {

struct Look {
  Instant at;
  Truth truth;
};

// Evaluates at each scrape until one is as `wanted`. `decisive` is that one; `last` the last seen.
struct Search {
  std::optional<Look> decisive;
  std::optional<Look> last;
  std::string trouble;  // the condition cannot be evaluated
};

Search search(const Expression& condition, const std::vector<Instant>& scrapes,
              const RunRecord& record, Reading reading, bool wanted) {
  const EvaluationSettings settings = evaluation_settings(record);
  Search found;
  for (const Instant at : scrapes) {
    const auto truth = holds(condition, record.samples, at, settings, reading);
    if (truth.has_error()) {
      found.trouble = "cannot be judged: " + truth.error().text;
      return found;
    }
    found.last = Look{at, *truth};
    if (truth->holds == wanted) {
      found.decisive = found.last;
      return found;
    }
  }
  return found;
}

std::string look_text(const Look& look, const RunRecord& record) {
  return time_text(look.at, record.whole.begin) + " " + look.truth.seen;
}

// A truth that is `unwanted` anywhere fails.
ExpectationResult decide(const Expression& condition, const Interval& window,
                         const RunRecord& record, Reading reading, bool unwanted) {
  const std::vector<Instant> scrapes = scrapes_in(window, record);
  const Search found = search(condition, scrapes, record, reading, unwanted);
  if (found.decisive) {
    return result_of(Verdict::kFail, look_text(*found.decisive, record), found.decisive->at);
  }
  if (!found.trouble.empty()) {
    return result_of(Verdict::kInconclusive, found.trouble, window.begin);
  }
  const std::string trouble = coverage_trouble(window, scrapes, record);
  if (!trouble.empty()) return result_of(Verdict::kInconclusive, trouble, window.end);
  const std::string count = std::to_string(scrapes.size()) + " scrapes, the last: ";
  return result_of(Verdict::kPass, count + look_text(*found.last, record), window.end);
}

// The first scrape at which a series that was there is gone.
std::optional<Look> first_missed(const Expression& condition, const Interval& window,
                                 const RunRecord& record, const std::vector<Absence>& absences) {
  const SeriesWatch watch(condition, record, absences);
  for (const Instant at : scrapes_in(window, record)) {
    const std::string missed = watch.missed(at);
    if (!missed.empty()) return Look{at, {false, missed}};
  }
  return std::nullopt;
}

}  // namespace

ExpectationResult judge_always(const Expression& condition, const Interval& window,
                               const RunRecord& record, const std::vector<Absence>& absences) {
  ExpectationResult result = decide(condition, window, record, Reading::kEvery, false);
  const auto missed = first_missed(condition, window, record, absences);
  if (!missed) return result;
  const bool failed_before = result.verdict == Verdict::kFail && result.moment <= missed->at;
  if (failed_before) return result;
  return result_of(Verdict::kFail, look_text(*missed, record), missed->at);
}

ExpectationResult judge_never(const Expression& condition, const Interval& window,
                              const RunRecord& record, const std::vector<Absence>& absences) {
  ExpectationResult result = decide(condition, window, record, Reading::kAny, true);
  if (result.verdict != Verdict::kPass) return result;
  const auto missed = first_missed(condition, window, record, absences);
  if (!missed) return result;
  return result_of(Verdict::kInconclusive, look_text(*missed, record), missed->at);
}

ExpectationResult judge_at_some_time(const Expression& condition, const Interval& window,
                                     const RunRecord& record) {
  const EvaluationSettings settings = evaluation_settings(record);
  const SilenceWatch silence(condition, record.samples);
  const std::vector<Instant> scrapes = scrapes_in(window, record);
  std::string last;
  std::string held_without;  // where those who answered would have been enough
  for (const Instant at : scrapes) {
    const auto heard = hear(condition, silence, record.samples, at, settings);
    if (heard.has_error()) {
      return result_of(Verdict::kInconclusive, "cannot be judged: " + heard.error().text,
                       window.begin);
    }
    last = time_text(at, record.whole.begin) + " " + heard->seen;
    if (heard->holds) return result_of(Verdict::kPass, last, at);
    if (heard->held_without && held_without.empty()) held_without = last;
  }
  const std::string trouble = coverage_trouble(window, scrapes, record);
  if (!trouble.empty()) return result_of(Verdict::kInconclusive, trouble, window.end);
  const std::string count = std::to_string(scrapes.size()) + " scrapes, ";
  if (!held_without.empty()) {
    return result_of(Verdict::kInconclusive, count + "none with all: " + held_without, window.end);
  }
  return result_of(Verdict::kFail, count + "the last: " + last, window.end);
}

}  // namespace halfopen

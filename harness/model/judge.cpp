#include "harness/model/judge.hpp"

#include <algorithm>
#include <optional>
#include <variant>

#include "harness/model/judge_alerts.hpp"
#include "harness/model/judge_conditions.hpp"
#include "harness/model/judge_events.hpp"
#include "harness/model/judge_evidence.hpp"
#include "harness/model/judge_sequence.hpp"
#include "harness/model/judge_stretches.hpp"
#include "harness/model/judge_window.hpp"
#include "harness/model/prediction/prediction.hpp"

namespace halfopen {
namespace {

// One overload a body and no catch-all: a new kind of expectation must be judged to compile.
struct BodyJudge {
  const Scenario& scenario;
  const RunRecord& record;
  const Interval& window;

  ExpectationResult operator()(const Always& body) const {
    return judge_always(body.condition, window, record, planned_absences(scenario, record));
  }
  ExpectationResult operator()(const Never& body) const {
    return judge_never(body.condition, window, record, planned_absences(scenario, record));
  }
  ExpectationResult operator()(const Eventually& body) const {
    return judge_at_some_time(body.condition, window, record);
  }
  ExpectationResult operator()(const Sometimes& body) const {
    return judge_at_some_time(body.condition, window, record);
  }
  ExpectationResult operator()(const SendSequence& body) const {
    return judge_sends(body, window, record);
  }
  ExpectationResult operator()(const Invariants& body) const {
    return judge_invariants(
        body, scenario, window, record,
        [this](const std::string& node, const std::string& peer, bool with_traffic) {
          return detection_bound(scenario, node, peer, with_traffic);
        });
  }
  ExpectationResult operator()(const LostVotes& body) const {
    return judge_lost_votes(body, window, record);
  }
  ExpectationResult operator()(const DetectedBy& body) const {
    return judge_detected_by(body, window, record);
  }
  ExpectationResult operator()(const HoldsFor& body) const {
    return judge_holds_for(body, window, record);
  }
  ExpectationResult operator()(const CountEvents& body) const {
    return judge_count_events(body, window, record);
  }
  ExpectationResult operator()(const CountTimes& body) const {
    return judge_count_times(body, window, record, planned_absences(scenario, record));
  }
  ExpectationResult operator()(const TransitionSequence& body) const {
    return judge_sequence(body, window, record);
  }
  ExpectationResult operator()(const LogLines& body) const {
    return judge_log(body, window, record);
  }
  ExpectationResult operator()(const Alerts& body) const {
    return judge_alerts(body, window, record, planned_absences(scenario, record));
  }
};

// Invariants and the count of lost votes are about the whole run, from its first moment, unless the
// file says otherwise: a vote of the first step is a vote too.
bool is_about_the_whole_run(const Expectation& expectation) {
  const Window& window = expectation.window;
  const bool no_window =
      window.during.empty() && window.since.empty() && !window.since_event && !window.during_fault;
  return no_window && (std::holds_alternative<Invariants>(expectation.body) ||
                       std::holds_alternative<LostVotes>(expectation.body));
}

ExpectationResult judge_one(const Expectation& expectation, const Scenario& scenario,
                            const RunRecord& record) {
  ExpectationResult result;
  const auto window = is_about_the_whole_run(expectation) ? Result<Interval>(record.whole)
                                                          : resolve(expectation.window, record);
  if (window.has_error()) {
    result.seen = window.error().text;
    result.moment = record.whole.end;
  } else {
    result = std::visit(BodyJudge{scenario, record, *window}, expectation.body);
  }
  result.id = expectation.id;
  result.expected = expectation.text;
  result.evidence = evidence_around(record, result.moment);
  for (ExpectationPart& part : result.parts)
    part.evidence = evidence_around(record, part.moment);
  return result;
}

// What `must_fail` names: an expectation, or with ID.PART one of its parts. Nothing: there is none.
std::optional<ExpectationResult> find_result(const std::string& name,
                                             const std::vector<ExpectationResult>& results) {
  const std::string id = name.substr(0, name.find('.'));
  const auto found = std::find_if(results.begin(), results.end(),
                                  [&id](const auto& result) { return result.id == id; });
  if (found == results.end()) return std::nullopt;
  if (id == name) return *found;
  const std::string part_name = name.substr(id.size() + 1);
  const auto part = std::find_if(found->parts.begin(), found->parts.end(),
                                 [&](const auto& one) { return one.name == part_name; });
  if (part == found->parts.end()) return std::nullopt;
  ExpectationResult result = *found;
  if (part->moment != found->moment) result.kernel.clear();  // that was said of another moment
  result.evidence = part->evidence;
  result.id = name;
  result.expected = part_name + " of " + found->expected;
  result.verdict = part->verdict;
  result.seen = part->seen;
  result.moment = part->moment;
  return result;
}

ExpectationResult judge_must_fail(const std::string& name,
                                  const std::vector<ExpectationResult>& results) {
  const auto main = find_result(name, results);
  ExpectationResult result;
  if (!main) {
    result.id = name;
    result.verdict = Verdict::kFail;
    result.seen = "the control has no expectation of this name";
    result.expected = "must fail: " + name;
    return result;
  }
  result = *main;
  result.expected = "must fail: " + main->expected;
  switch (main->verdict) {
    case Verdict::kFail:
      result.verdict = Verdict::kPass;
      break;
    case Verdict::kPass:
      result.verdict = Verdict::kFail;
      result.seen = "proves nothing: it passes here too (" + main->seen + ")";
      break;
    case Verdict::kInconclusive:
      break;
  }
  return result;
}

}  // namespace

std::vector<ExpectationResult> judge(const Scenario& scenario, const RunRecord& record) {
  std::vector<ExpectationResult> results;
  for (const Expectation& expectation : scenario.expectations) {
    results.push_back(judge_one(expectation, scenario, record));
  }
  return results;
}

std::vector<ExpectationResult> judge_control(const std::vector<std::string>& must_fail,
                                             const std::vector<ExpectationResult>& results) {
  std::vector<ExpectationResult> verdicts;
  verdicts.reserve(must_fail.size());
  for (const std::string& name : must_fail)
    verdicts.push_back(judge_must_fail(name, results));
  return verdicts;
}

}  // namespace halfopen

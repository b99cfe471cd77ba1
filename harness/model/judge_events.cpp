#include "harness/model/judge_events.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/assert.hpp"
#include "harness/model/judge_checkers.hpp"
#include "harness/model/judge_evidence.hpp"
#include "harness/model/judge_result.hpp"
#include "harness/model/judge_votes.hpp"

namespace halfopen {
namespace {

// Did `node` try anything in the window that a death of its connection to `peer` could show in?
bool was_active(const std::string& node, const std::string& peer, const Interval& window,
                const RunRecord& record) {
  return std::any_of(record.events.begin(), record.events.end(), [&](const Event& event) {
    if (event.node != node || !is_in(event, window)) return false;
    return event.event == "vote_cast" || (event.event == "send" && event.text("peer") == peer);
  });
}

// Takes the results in; the rule is on SendSequence.
void take_send(const Event& event, std::vector<std::string>& results) {
  const std::string result = event.text("result");
  if (result == "OK" && !results.empty() && results.back() == "OK") return;
  results.push_back(result);
}

// What one more send on the socket said, where a failed send made the node give it up.
void take_last_word(const Event& event, std::vector<std::string>& results) {
  const std::string asked = event.text("second_errno");
  if (results.empty() || results.back() == "OK" || asked.empty() || asked == "OK") return;
  results.push_back(asked);
}

// For who left the last words out, as one does who reads them off a log.
std::string last_word_hint(const SendSequence& expected, const std::vector<std::string>& seen,
                           const std::vector<std::string>& without_last_words) {
  const auto& one_of = expected.one_of;
  if (std::find(one_of.begin(), one_of.end(), without_last_words) == one_of.end()) return "";
  return "; after a failed send comes what one more send on that socket said: write [" +
         joined(seen) + "]";
}

Finding check(Invariant invariant, const Inspection& inspection) {
  switch (invariant) {
    case Invariant::kNoLostVotes:
      return check_no_lost_votes(inspection);
    case Invariant::kNoDuplicates:
      return check_no_duplicates(inspection);
    case Invariant::kNoEquivocation:
      return check_no_equivocation(inspection);
    case Invariant::kAcksMatch:
      return check_acks_match(inspection);
    case Invariant::kDetectionWithinBound:
      return check_detection_within_bound(inspection);
    case Invariant::kNoReconnectStorm:
      return check_no_reconnect_storm(inspection);
    case Invariant::kNoStuckConnection:
      return check_no_stuck_connection(inspection);
  }
  HALFOPEN_ASSERT(false && "an invariant without a judge");
  return {};
}

// What decides, and of several who says so.
std::string sentences_of(const std::vector<ExpectationPart>& parts) {
  const Verdict verdict = combine_parts(parts);
  std::vector<std::string> sentences;
  for (const ExpectationPart& part : parts) {
    if (part.verdict == verdict) sentences.push_back(part.seen);
  }
  return joined(sentences);
}

// The earliest of those that failed, by name where there are several checkers, and the names of the
// others: who wants a control's failure to mean something must know whose it was.
ExpectationResult first_breach(const std::vector<ExpectationPart>& parts) {
  const ExpectationPart* first = nullptr;
  for (const ExpectationPart& part : parts) {
    if (part.verdict != Verdict::kFail) continue;
    if (first == nullptr || part.moment < first->moment) first = &part;
  }
  HALFOPEN_ASSERT(first != nullptr);
  std::string seen = (parts.size() > 1 ? first->name + ": " : "") + first->seen;
  for (const ExpectationPart& part : parts) {
    if (part.verdict == Verdict::kFail && &part != first) seen += "; also failed: " + part.name;
  }
  return result_of(Verdict::kFail, seen, first->moment);
}

}  // namespace

ExpectationResult judge_sends(const SendSequence& expected, const Interval& window,
                              const RunRecord& record) {
  std::vector<std::string> seen;
  std::vector<std::string> without_last_words;
  Instant moment = window.begin;
  for (const Event& event : record.events) {
    const bool ours =
        event.node == expected.node && event.text("peer") == expected.peer && is_in(event, window);
    if (!ours) continue;
    if (event.event == "connection_closed") take_last_word(event, seen);
    if (event.event != "send") continue;
    // The last send until the first error, and that error, are where the story is.
    if (seen.empty() || seen.back() == "OK") moment = event.at;
    take_send(event, seen);
    take_send(event, without_last_words);
  }
  const bool good =
      std::find(expected.one_of.begin(), expected.one_of.end(), seen) != expected.one_of.end();
  const std::string text =
      seen.empty() ? expected.node + " sent no vote to " + expected.peer : "[" + joined(seen) + "]";
  if (!good && !was_active(expected.node, expected.peer, window, record)) {
    return result_of(Verdict::kInconclusive, text + ", and none was cast in the window",
                     window.begin);
  }
  return result_of(pass_if(good),
                   good ? text : text + last_word_hint(expected, seen, without_last_words), moment);
}

ExpectationResult judge_lost_votes(const LostVotes& expected, const Interval& window,
                                   const RunRecord& record) {
  const VoteLedger ledger(record);
  const std::size_t cast = ledger.cast_by(expected.node, window).size();
  if (cast == 0) {
    return result_of(Verdict::kInconclusive, expected.node + " cast no vote in the window",
                     window.begin);
  }
  const std::vector<CastVote> lost = ledger.lost(expected.node, expected.peer, window);
  const bool good = CountBound{expected.comparison, expected.count}.holds(lost.size());
  std::string text = std::to_string(lost.size()) + " of " + std::to_string(cast) +
                     " votes are not in the store of " + expected.peer;
  if (!lost.empty()) {
    text += ", the first " + short_vote(lost.front().vote) + " cast at " +
            time_text(lost.front().at, record.whole.begin);
  }
  return result_of(pass_if(good), text, lost.empty() ? window.end : lost.front().at);
}

ExpectationResult judge_detected_by(const DetectedBy& expected, const Interval& window,
                                    const RunRecord& record) {
  const auto detection =
      std::find_if(record.events.begin(), record.events.end(), [&](const Event& event) {
        return is_in(event, window) && is_detection(event, expected.node, expected.peer);
      });
  const bool found = detection != record.events.end();
  const std::string reason = found ? detection->text("reason") : "none";
  const bool good =
      std::find(expected.one_of.begin(), expected.one_of.end(), reason) != expected.one_of.end();
  const std::string text =
      found ? event_line(*detection, record.whole.begin)
            : expected.node + " never noticed a death of its connection to " + expected.peer;
  if (!found && !was_active(expected.node, expected.peer, window, record)) {
    return result_of(Verdict::kInconclusive, text + ", and cast and sent no vote in the window",
                     window.begin);
  }
  return result_of(pass_if(good), text, found ? detection->at : window.end);
}

ExpectationResult judge_invariants(const Invariants& expected, const Scenario& scenario,
                                   const Interval& window, const RunRecord& record,
                                   const DetectionBound& bound) {
  const Inspection inspection{scenario, expected.settings, window, record, bound};
  std::vector<ExpectationPart> parts;
  for (const Invariant invariant : expected.all) {
    Finding finding = check(invariant, inspection);
    const Instant moment = finding.verdict == Verdict::kFail ? finding.at : window.end;
    parts.push_back(
        {invariant_name(invariant), finding.verdict, std::move(finding.sentence), moment, {}});
  }
  ExpectationResult result = combine_parts(parts) == Verdict::kFail
                                 ? first_breach(parts)
                                 : result_of(combine_parts(parts), sentences_of(parts), window.end);
  result.parts = std::move(parts);
  return result;
}

}  // namespace halfopen

#include "harness/model/judge_events.hpp"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "base/assert.hpp"
#include "harness/model/judge_evidence.hpp"
#include "harness/model/judge_votes.hpp"

namespace halfopen {
namespace {

ExpectationResult result_of(Verdict verdict, std::string seen, Instant moment) {
  ExpectationResult result;
  result.verdict = verdict;
  result.seen = std::move(seen);
  result.moment = moment;
  return result;
}

Verdict pass_if(bool good) {
  return good ? Verdict::kPass : Verdict::kFail;
}

bool is_in(const Event& event, const Interval& window) {
  return event.at >= window.begin && event.at <= window.end;
}

std::string joined(const std::vector<std::string>& parts, std::size_t shown_max = 20) {
  std::string text;
  for (std::size_t i = 0; i < std::min(parts.size(), shown_max); ++i) {
    text += (i == 0 ? "" : ", ") + parts[i];
  }
  if (parts.size() <= shown_max) return text;
  return text + " and " + std::to_string(parts.size() - shown_max) + " more";
}

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

// What broke an invariant, and when; an empty sentence when nothing did.
struct Breach {
  std::string sentence;
  Instant at;
  bool vacuous = false;  // there was nothing to judge by; the sentence says so
};

std::set<std::string> linked_with(const Scenario& scenario, const std::string& node) {
  std::set<std::string> peers;
  for (const LinkSpec& link : scenario.links) {
    if (link.dialer == node) peers.insert(link.listener);
    if (link.listener == node) peers.insert(link.dialer);
  }
  return peers;
}

Breach find_lost_vote(const Scenario& scenario, const Interval& window, const RunRecord& record) {
  const VoteLedger ledger(record);
  std::size_t cast = 0;
  std::size_t lost = 0;
  Breach first;
  for (const NodeSpec& node : scenario.nodes) {
    cast += ledger.cast_by(node.name, window).size();
    for (const std::string& peer : linked_with(scenario, node.name)) {
      for (const CastVote& vote : ledger.lost(node.name, peer, window)) {
        if (++lost > 1 && first.at <= vote.at) continue;
        first.at = vote.at;
        first.sentence = "vote " + short_vote(vote.vote) + " cast by " + node.name + " at " +
                         time_text(vote.at, record.whole.begin) + " never reached the store of " +
                         peer;
      }
    }
  }
  if (cast == 0) return {"no vote was cast", window.begin, true};
  if (lost > 1) first.sentence += ", and " + std::to_string(lost - 1) + " more were lost";
  return first;
}

Breach find_duplicate(const Interval& window, const RunRecord& record) {
  std::set<std::pair<std::string, std::string>> stored;
  for (const Event& event : record.events) {
    if (event.event != "vote_stored" || event.text("outcome") != "stored") continue;
    if (!is_in(event, window)) continue;
    if (stored.emplace(event.node, event.text("vote")).second) continue;
    return {event.node + " stored vote " + short_vote(event.text("vote")) + " as new twice",
            event.at};
  }
  if (stored.empty()) return {"no vote was stored", window.begin, true};
  return {};
}

Breach find_equivocation(const Interval& window, const RunRecord& record) {
  using Slot = std::tuple<std::string, std::uint64_t, std::uint64_t, std::string>;
  std::map<Slot, std::string> votes;
  bool any_vote = false;
  for (const Event& event : record.events) {
    if (event.event != "vote_cast" && event.event != "vote_stored") continue;
    if (!is_in(event, window)) continue;
    any_vote = true;
    const std::string voter = event.text("voter");
    const auto height = event.count("height");
    const auto round = event.count("round");
    if (voter.empty() || !height || !round) continue;
    const std::string vote = event.text("vote");
    const auto [slot, added] =
        votes.emplace(Slot{voter, *height, *round, event.text("kind")}, vote);
    if (added || slot->second == vote) continue;
    return {"voter " + voter + " cast two votes for height " + std::to_string(*height) +
                ", round " + std::to_string(*round) + ", " + event.text("kind") + ": " +
                short_vote(slot->second) + " and " + short_vote(vote),
            event.at};
  }
  if (!any_vote) return {"no vote was cast or stored", window.begin, true};
  return {};
}

Breach find_breach(Invariant invariant, const Scenario& scenario, const Interval& window,
                   const RunRecord& record) {
  switch (invariant) {
    case Invariant::kNoLostVotes:
      return find_lost_vote(scenario, window, record);
    case Invariant::kNoDuplicates:
      return find_duplicate(window, record);
    case Invariant::kNoEquivocation:
      return find_equivocation(window, record);
  }
  HALFOPEN_ASSERT(false && "an invariant without a judge");
  return {};
}

}  // namespace

ExpectationResult judge_sends(const SendSequence& expected, const Interval& window,
                              const RunRecord& record) {
  std::vector<std::string> seen;
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
  }
  const bool good =
      std::find(expected.one_of.begin(), expected.one_of.end(), seen) != expected.one_of.end();
  const std::string text =
      seen.empty() ? expected.node + " sent no vote to " + expected.peer : "[" + joined(seen) + "]";
  if (!good && !was_active(expected.node, expected.peer, window, record)) {
    return result_of(Verdict::kInconclusive, text + ", and none was cast in the window",
                     window.begin);
  }
  return result_of(pass_if(good), text, moment);
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
  bool good = false;
  switch (expected.comparison) {
    case LostVotes::Comparison::kEqual:
      good = lost.size() == expected.count;
      break;
    case LostVotes::Comparison::kAtLeast:
      good = lost.size() >= expected.count;
      break;
    case LostVotes::Comparison::kAtMost:
      good = lost.size() <= expected.count;
      break;
  }
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
                                   const Interval& window, const RunRecord& record) {
  std::string vacuous;
  for (const Invariant invariant : expected.all) {
    const Breach breach = find_breach(invariant, scenario, window, record);
    if (breach.vacuous) {
      vacuous = breach.sentence;
    } else if (!breach.sentence.empty()) {
      return result_of(Verdict::kFail, breach.sentence, breach.at);
    }
  }
  if (!vacuous.empty()) return result_of(Verdict::kInconclusive, vacuous, window.begin);
  return result_of(Verdict::kPass, "held for every vote of the run", window.end);
}

}  // namespace halfopen

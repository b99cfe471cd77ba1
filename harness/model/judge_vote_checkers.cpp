// The checkers over votes: lost, stored twice, equivocated, acknowledged without being stored.
#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "harness/model/judge_checkers.hpp"
#include "harness/model/judge_evidence.hpp"
#include "harness/model/judge_votes.hpp"

namespace halfopen {
namespace {

std::set<std::string> linked_with(const Scenario& scenario, const std::string& node) {
  std::set<std::string> peers;
  for (const LinkSpec& link : scenario.links) {
    if (link.dialer == node) peers.insert(link.listener);
    if (link.listener == node) peers.insert(link.dialer);
  }
  return peers;
}

std::string counted(std::size_t number, const std::string& what) {
  return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

}  // namespace

Finding breach(std::string sentence, Instant at) {
  return {Verdict::kFail, std::move(sentence), at};
}

Finding nothing_to_see(std::string why) {
  return {Verdict::kInconclusive, std::move(why), {}};
}

Finding in_order(std::string what) {
  return {Verdict::kPass, std::move(what), {}};
}

bool tells_events(const Scenario& scenario, const std::string& name) {
  return std::any_of(scenario.nodes.begin(), scenario.nodes.end(), [&name](const NodeSpec& node) {
    return node.name == name && node.argv.empty() && !node.is_endpoint;
  });
}

Finding check_no_lost_votes(const Inspection& inspection) {
  const RunRecord& record = inspection.record;
  const VoteLedger ledger(record);
  std::size_t cast = 0;
  std::size_t lost = 0;
  Finding first;
  for (const NodeSpec& node : inspection.scenario.nodes) {
    const std::set<std::string> peers = linked_with(inspection.scenario, node.name);
    // A vote that nobody was to get cannot be lost.
    if (!peers.empty()) cast += ledger.cast_by(node.name, inspection.window).size();
    for (const std::string& peer : peers) {
      for (const CastVote& vote : ledger.lost(node.name, peer, inspection.window)) {
        if (++lost > 1 && first.at <= vote.at) continue;
        first = breach("vote " + short_vote(vote.vote) + " cast by " + node.name + " at " +
                           time_text(vote.at, record.whole.begin) + " never reached the store of " +
                           peer,
                       vote.at);
      }
    }
  }
  if (cast == 0) return nothing_to_see("no vote was cast by a node with a link");
  if (lost == 0) return in_order("no lost vote of " + counted(cast, "cast vote"));
  if (lost > 1) first.sentence += ", and " + std::to_string(lost - 1) + " more were lost";
  return first;
}

Finding check_no_duplicates(const Inspection& inspection) {
  std::set<std::pair<std::string, std::string>> stored;
  for (const Event& event : inspection.record.events) {
    if (event.event != "vote_stored" || event.text("outcome") != "stored") continue;
    if (!is_in(event, inspection.window)) continue;
    if (stored.emplace(event.node, event.text("vote")).second) continue;
    return breach(event.node + " stored vote " + short_vote(event.text("vote")) + " as new twice",
                  event.at);
  }
  if (stored.empty()) return nothing_to_see("no vote was stored");
  return in_order("no duplicate in " + counted(stored.size(), "first store"));
}

Finding check_no_equivocation(const Inspection& inspection) {
  using Slot = std::tuple<std::string, std::uint64_t, std::uint64_t, std::string>;
  std::map<Slot, std::string> votes;
  bool any_vote = false;
  for (const Event& event : inspection.record.events) {
    if (event.event != "vote_cast" && event.event != "vote_stored") continue;
    if (!is_in(event, inspection.window)) continue;
    any_vote = true;
    const std::string voter = event.text("voter");
    const auto height = event.count("height");
    const auto round = event.count("round");
    if (voter.empty() || !height || !round) continue;
    const std::string vote = event.text("vote");
    const auto [slot, added] =
        votes.emplace(Slot{voter, *height, *round, event.text("kind")}, vote);
    if (added || slot->second == vote) continue;
    return breach("voter " + voter + " cast two votes for height " + std::to_string(*height) +
                      ", round " + std::to_string(*round) + ", " + event.text("kind") + ": " +
                      short_vote(slot->second) + " and " + short_vote(vote),
                  event.at);
  }
  if (!any_vote) return nothing_to_see("no vote was cast or stored");
  return in_order("no equivocation in " + counted(votes.size(), "slot"));
}

Finding check_acks_match(const Inspection& inspection) {
  const RunRecord& record = inspection.record;
  const VoteLedger ledger(record);
  std::size_t acknowledged = 0;
  for (const Event& event : record.events) {
    if (event.event != "vote_acked" || !is_in(event, inspection.window)) continue;
    ++acknowledged;
    const std::string vote = event.text("vote");
    const std::string peer = event.text("peer");
    const auto stored = ledger.stored_at(peer, vote);
    if (stored && *stored <= event.at) continue;
    const std::string when = stored
                                 ? "stored it only " + duration_words(*stored - event.at) + " later"
                                 : "never stored it";
    return breach(event.node + " took vote " + short_vote(vote) + " for acknowledged by " + peer +
                      " at " + time_text(event.at, record.whole.begin) + ", and " + peer + " " +
                      when,
                  event.at);
  }
  if (acknowledged == 0) return nothing_to_see("no vote was acknowledged");
  return in_order(counted(acknowledged, "acknowledgement") + " of what was stored before");
}

}  // namespace halfopen

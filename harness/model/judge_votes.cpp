#include "harness/model/judge_votes.hpp"

#include <algorithm>

namespace halfopen {

VoteLedger::VoteLedger(const RunRecord& record) {
  for (const Event& event : record.events) {
    const std::string vote = event.text("vote");
    if (vote.empty()) continue;
    if (event.event == "vote_cast") cast_[event.node].push_back({vote, event.at});
    // A duplicate was stored before, so the first word of either kind is kept.
    if (event.event == "vote_stored") first_stored_.emplace(std::pair(event.node, vote), event.at);
  }
}

std::vector<CastVote> VoteLedger::cast_by(const std::string& node, const Interval& interval) const {
  std::vector<CastVote> result;
  const auto all = cast_.find(node);
  if (all == cast_.end()) return result;
  std::copy_if(all->second.begin(), all->second.end(), std::back_inserter(result),
               [&interval](const CastVote& vote) {
                 return vote.at >= interval.begin && vote.at <= interval.end;
               });
  return result;
}

std::optional<Instant> VoteLedger::stored_at(const std::string& node,
                                             const std::string& vote) const {
  const auto found = first_stored_.find(std::pair(node, vote));
  return found == first_stored_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<CastVote> VoteLedger::lost(const std::string& node, const std::string& peer,
                                       const Interval& interval) const {
  std::vector<CastVote> votes = cast_by(node, interval);
  std::erase_if(votes,
                [&](const CastVote& vote) { return stored_at(peer, vote.vote).has_value(); });
  return votes;
}

std::string short_vote(const std::string& vote) {
  return vote.substr(0, 8);
}

bool is_live_state(std::string_view state) {
  return state == "Healthy" || state == "Suspect";
}

bool is_detection(const Event& event, const std::string& node, const std::string& peer) {
  return event.event == "transition" && event.node == node && event.text("peer") == peer &&
         is_live_state(event.text("from")) && !is_live_state(event.text("to")) &&
         event.text("reason") != "shutdown";
}

}  // namespace halfopen

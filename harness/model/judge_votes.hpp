// What became of the votes, by the receivers' own word: a vote is in a peer's store when that peer
// wrote `vote_stored`, whatever the sender believes.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/model/record.hpp"

namespace halfopen {

struct CastVote {
  std::string vote;  // id
  Instant at;
};

class VoteLedger {
 public:
  explicit VoteLedger(const RunRecord& record);

  // Accepted from a caller by `node` in the interval, both ends included, in time order.
  [[nodiscard]] std::vector<CastVote> cast_by(const std::string& node,
                                              const Interval& interval) const;
  // When `node` first had the vote in its store; nothing when never.
  [[nodiscard]] std::optional<Instant> stored_at(const std::string& node,
                                                 const std::string& vote) const;
  [[nodiscard]] bool anything_stored() const { return !first_stored_.empty(); }

  // Of those votes, the ones that never reached the store of `peer`.
  [[nodiscard]] std::vector<CastVote> lost(const std::string& node, const std::string& peer,
                                           const Interval& interval) const;

 private:
  std::map<std::string, std::vector<CastVote>> cast_;
  std::map<std::pair<std::string, std::string>, Instant> first_stored_;  // (node, vote)
};

// The first eight hexadecimal digits, as people quote them.
[[nodiscard]] std::string short_vote(const std::string& vote);

// Votes can flow: Healthy, Suspect.
[[nodiscard]] bool is_live_state(std::string_view state);
// Did this event find out that a connection to `peer` had died? A transition of `node` out of a
// live state, unless nothing had died: the node itself stopped (shutdown).
[[nodiscard]] bool is_detection(const Event& event, const std::string& node,
                                const std::string& peer);

}  // namespace halfopen

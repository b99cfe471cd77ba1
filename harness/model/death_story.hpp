// The story of one connection's death, read from the events: what the sender was told, when it
// found out and how, what was lost, and how long until votes flowed again.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/model/record.hpp"

namespace halfopen {

struct DeathStory {
  std::vector<std::string> sends;  // results of the sends that carry votes, from `since` on
  std::string first_error;         // errno name; "" when no error was ever seen
  std::string second_error;        // what the socket says after the first; "" when not known
  std::string detected_by;         // reason of the first transition out of a live state; "" never
  Duration detected_after{};       // from the last sign of life to that transition
  bool detected_before_vote = false;  // found while idle, before a vote was risked on it
  unsigned votes_cast = 0;            // accepted from the caller since `since`
  unsigned votes_lost = 0;  // of those, not in the peer's store at the end: the receiver's
                            // own word (vote_stored), not the sender's belief
  std::optional<Duration> recovered_after;  // from the death's first sign (or the first cast, when
                                            // it was found before) to the next stored vote; nothing
                                            // when votes never flowed again
  Duration idle_before_first_error{};
  std::vector<std::string> evidence;  // the kernel's: one line per fact
};

[[nodiscard]] DeathStory tell_story(const RunRecord& record, const std::string& node,
                                    const std::string& peer, Instant since);

}  // namespace halfopen

// What the numbers of a scenario say will happen, worked out before anything runs: whether each
// link survives its idle times, which mechanism would find a death first and by when, and which
// times race each other. A run then measures, and the two stand beside each other in the report.
//
// Pure: a Scenario goes in, sentences and bounds come out. All formulas have their source beside
// them (tcp(7), RFC 9293, RFC 6298, kernel files).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "harness/model/scenario.hpp"

namespace halfopen {

// Could find that a connection is dead.
struct Finder {
  std::string mechanism;  // a transition's reason: keepalive_timeout, user_timeout, ping_timeout,
                          // ack_timeout, retransmission_timeout, reset, eof, broken_pipe
  Duration at_least{};    // after the last sign of life
  Duration at_most{};
  std::string because;  // "idle 1 s + 3 probes x 1 s (tcp(7), TCP_KEEPCNT)"
};

// One end of one link: what `node` will learn of its connection to `peer`.
struct EndPrediction {
  std::string link;
  std::string node;
  std::string peer;
  enum class Fate { kSurvives, kDies, kRaces, kUnknown } fate = Fate::kUnknown;
  std::string why;                    // one sentence with the numbers
  std::vector<Finder> finders;        // in the order of at_most; empty: nothing would ever find it
  std::vector<std::string> warnings;  // races, defences that undo each other
};

struct Prediction {
  std::vector<EndPrediction> ends;  // both of each link that has a vote-node there
};

[[nodiscard]] Prediction predict(const Scenario& scenario);

// The longest time from the last sign of life until `node` must have found the death of its
// connection to `peer`, by its configuration alone and whatever silences the link, while votes are
// (`with_traffic`) or are not being sent. Nothing: no mechanism of its own would ever find it.
[[nodiscard]] std::optional<Duration> detection_bound(const Scenario& scenario,
                                                      const std::string& node,
                                                      const std::string& peer, bool with_traffic);

}  // namespace halfopen

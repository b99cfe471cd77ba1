// What the numbers of a scenario say will happen, worked out before anything runs: whether each
// link survives its idle times, which mechanism would find a death first and by when, and which
// times race each other. A run then measures, and the two stand beside each other in the report.
//
// Pure: a Scenario goes in, sentences and bounds come out. All formulas have their source beside
// them (tcp(7), RFC 9293, RFC 6298, kernel files). What a fault does over time is walked through in
// virtual time (link_walk.hpp), several times with times a little off: where that changes who lives
// or who finds it, times compete.
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

// What the walk through the scenario found first.
struct ExpectedDeath {
  std::vector<std::string> reasons;  // one, or those that compete; empty: nothing finds it in time
  Duration at_least{};               // after the last byte, ACK or FIN that came in
  Duration at_most{};
  Duration at{};             // from the scenario's start, roughly
  std::string step;          // in which step
  bool before_vote = false;  // no vote had to be risked on it
};

// One end of one link: what `node` will learn of its connection to `peer`.
struct EndPrediction {
  std::string link;
  std::string node;
  std::string peer;
  enum class Fate { kSurvives, kDies, kRaces, kUnknown } fate = Fate::kUnknown;
  std::string why;              // one sentence with the numbers
  std::vector<Finder> finders;  // of a silent death while idle, in the order of at_most; empty:
                                // nothing would ever find it
  std::vector<Finder> vote_finders;  // the same once a vote was sent into it, counted from the vote
  std::optional<ExpectedDeath> death;  // where fate is kDies or kRaces
  bool ends_itself = false;            // its own process is ended: it finds nothing
  std::vector<std::string> story;      // "+3.1s the mapping is forgotten, ..."
  std::vector<std::string> warnings;   // races, defences that undo each other
};

struct Prediction {
  std::vector<EndPrediction> ends;  // both of each link that has a vote-node there
};

[[nodiscard]] Prediction predict(const Scenario& scenario);

// The longest time from the last sign of life until `node` must have found the death of its
// connection to `peer`, by its configuration alone and whatever silences the link, while votes are
// (`with_traffic`) or are not being sent. With traffic, the later of the last sign of life and the
// first vote that was sent into the silence is what it counts from. Nothing: no mechanism of its
// own would ever find it.
[[nodiscard]] std::optional<Duration> detection_bound(const Scenario& scenario,
                                                      const std::string& node,
                                                      const std::string& peer, bool with_traffic);

[[nodiscard]] const char* to_text(EndPrediction::Fate fate);
// What the times of a death are counted from: "the FIN", "the last byte or ACK".
[[nodiscard]] std::string counted_from(const ExpectedDeath& death);

}  // namespace halfopen

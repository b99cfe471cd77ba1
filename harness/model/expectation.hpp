// What must hold in a run, and when one looks. Each kind of expectation is a plain struct: it says
// what is wanted; judge.cpp says what was seen.
//
// Invariants (bind_expectations.cpp makes no others): every node, peer, step and link exists, every
// expression parses, a list is never empty.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/time.hpp"
#include "harness/model/alert_rules.hpp"
#include "harness/model/document.hpp"
#include "harness/model/expression/expression.hpp"
#include "harness/model/line_pattern.hpp"

namespace halfopen {

// Which lines of an event log are meant: those in which each of these fields has this text. A
// number is compared as it is written.
struct EventPattern {
  std::string event;
  std::map<std::string, std::string> fields;  // "node", "peer", "reason", "proxy", ...
  [[nodiscard]] std::string text() const;     // "transition of n1 (peer n2, to Suspect)"
};

// A fault of a link, from where it was added to where it was removed.
struct FaultSpan {
  std::string link;
  std::string name;
};

// When an expectation looks. Without any of these it is the whole time after the first step (which
// brings the steady state) to the end of the run.
struct Window {
  std::string during;                         // a step's id: from its start to the next step's
  std::string since;                          // a step's id: from its start ...
  std::optional<Duration> within{};           // ... for this long, else to the end of the run
  std::optional<EventPattern> since_event{};  // from the first such event (after the start of the
                                              // step `since`, where there is one)
  std::optional<FaultSpan> during_fault{};    // while the link has this fault
};

struct Always {
  Expression condition;
};
struct Never {
  Expression condition;
};
struct Eventually {
  Expression condition;
};
struct Sometimes {
  Expression condition;
};
// Some stretch of scrapes, none of them missing, at each of which the condition holds.
struct HoldsFor {
  Expression condition;
  Duration at_least{};
  bool at_end = false;  // the stretch is the window's last: each scrape of it holds
};

enum class Comparison : std::uint8_t { kEqual, kAtLeast, kAtMost };
// How many.
struct CountBound {
  Comparison comparison = Comparison::kAtLeast;
  unsigned count = 1;
  [[nodiscard]] bool holds(std::size_t number) const;
  [[nodiscard]] std::string text() const;  // "exactly 2", "at least 1"
};
struct CountEvents {
  EventPattern event;
  CountBound bound;
};
// How many times the condition became true: at a scrape of the window, after one of the window at
// which it did not hold.
struct CountTimes {
  Expression condition;
  CountBound bound;
};

// One stop on a peer's way; what is empty may be anything.
struct PathStop {
  std::string state;
  std::string reason;  // of the transition into the state
  std::string error;   // the errno that the transition tells
};
// `node`'s view of `peer` went this way, by its transitions in the window. Of states, the one that
// it was in when the window opened is the first stop.
struct TransitionSequence {
  std::string node;
  std::string peer;
  std::vector<PathStop> path;
  bool begins_with_state = false;  // the path speaks of states: the state at the opening counts
  bool errors_only = false;  // the path speaks of errnos alone: transitions without one do not
                             // count
  bool strict = false;       // exactly these stops, and no other between or after them
};

// Lines of a process's own log (standard output and error), by the time of their arrival.
struct LogLines {
  std::string node;
  LinePattern pattern;
  CountBound bound;
};

// Alert rules over the metrics, evaluated at each scrape from the run's beginning on: each of
// `fire` is firing at some scrape of the window, each of `silent` at none.
struct Alerts {
  std::vector<AlertRule> fire;
  std::vector<AlertRule> silent;
};

// The results of the sends that carry votes from `node` to `peer`: errno names, "OK" for success.
// Successive OKs count as one, because a frame may take one write or two and a silent drop says OK
// to any number of them. Where a failed send made the node give the socket up, the list ends with
// what one more send said (`second_errno` of connection_closed). The list must equal one of these:
// [OK] is "no error was ever seen", [OK, EPIPE, EPIPE] an ignored FIN, [] no send at all.
struct SendSequence {
  std::string node;
  std::string peer;
  std::vector<std::vector<std::string>> one_of;  // more than one only in a declared race
};

// Checkers: each looks for one kind of defect in everything that the run left behind.
enum class Invariant : std::uint8_t {
  kNoLostVotes,
  kNoDuplicates,
  kNoEquivocation,
  kAcksMatch,
  kDetectionWithinBound,
  kNoReconnectStorm,
  kNoStuckConnection,
};
struct CheckerSettings {
  // detection_within_bound: what the network's delay and a busy machine may add to the bound.
  Duration slack = std::chrono::milliseconds(500);
  // no_stuck_connection: how long a connection may be stuck; without it, by the configuration.
  std::optional<Duration> longer_than{};
};
struct Invariants {
  std::vector<Invariant> all;
  CheckerSettings settings{};
};

// The number of accepted votes of `node` that are not in `peer`'s store when the run ends.
struct LostVotes {
  using Comparison = halfopen::Comparison;
  std::string node;
  std::string peer;
  Comparison comparison{};
  unsigned count = 0;
};
// The reason of the first transition of `node`'s `peer` out of a live state in the window is one
// of these ("none" stands for no such transition).
struct DetectedBy {
  std::string node;
  std::string peer;
  std::vector<std::string> one_of;
};

using ExpectationBody = std::variant<Always, Never, Eventually, Sometimes, SendSequence, Invariants,
                                     LostVotes, DetectedBy, HoldsFor, CountEvents, CountTimes,
                                     TransitionSequence, LogLines, Alerts>;

// The condition of an expectation that has one.
[[nodiscard]] const Expression* condition_of(const ExpectationBody& body);
// What a control may call a part of the expectation by: its checkers, its alerts. Empty for kinds
// that hold or fail as a whole.
[[nodiscard]] std::vector<std::string> parts_of(const ExpectationBody& body);
// As the language calls it: no_lost_votes.
[[nodiscard]] std::string invariant_name(Invariant invariant);
// The node that an expectation is about, when it is about one; "" otherwise.
[[nodiscard]] std::string subject_of(const ExpectationBody& body);

struct Expectation {
  std::string id;
  Mark mark;
  std::string text;  // as a person reads it: "always min(votenode_peer_up) == 1 during quiet"
  ExpectationBody body;
  Window window;
  bool race = false;         // declared: times compete on purpose, the outcome is one of a set
  Mark body_mark{};          // of the body's value: a condition's own place
  std::string uncontrolled;  // why no control can make it fail; empty where one does
};

}  // namespace halfopen

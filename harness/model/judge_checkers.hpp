// The checkers: each looks through everything that a run left behind for one kind of defect. Think
// of a detective who is told only which crime to look for.
//
// A finding is a breach (the first one, with its moment), or that there was nothing to look at,
// which proves nothing, or one clause that says what was looked at and found in order.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "harness/model/judge_result.hpp"
#include "harness/model/scenario.hpp"

namespace halfopen {

struct Finding {
  Verdict verdict = Verdict::kPass;
  std::string sentence;
  Instant at;  // of the breach
};
[[nodiscard]] Finding breach(std::string sentence, Instant at);
[[nodiscard]] Finding nothing_to_see(std::string why);
[[nodiscard]] Finding in_order(std::string what);
// Is this a vote-node? Other commands tell no events, and endpoints are no process.
[[nodiscard]] bool tells_events(const Scenario& scenario, const std::string& name);

// See prediction.hpp: by the configuration alone, from the last sign of life until a death must
// have been found. Nothing: no mechanism would.
using DetectionBound = std::function<std::optional<Duration>(
    const std::string& node, const std::string& peer, bool with_traffic)>;

// What a checker may look at. `window` limits what it is about; what became of it may lie later.
struct Inspection {
  const Scenario& scenario;
  const CheckerSettings& settings;
  const Interval& window;
  const RunRecord& record;
  const DetectionBound& bound;
};

// Each accepted vote is in the store of every peer that its caster is linked with.
[[nodiscard]] Finding check_no_lost_votes(const Inspection& inspection);
// No node stored a vote as new twice.
[[nodiscard]] Finding check_no_duplicates(const Inspection& inspection);
// No two different votes have the same voter, height, round and kind; an event without these fields
// is no evidence of any.
[[nodiscard]] Finding check_no_equivocation(const Inspection& inspection);
// Before a node says that a peer acknowledged a vote, the peer itself has said that it stored it.
[[nodiscard]] Finding check_acks_match(const Inspection& inspection);
// Each death was found within the bound of who found it, counted from the last sign of life or, if
// that is later, from the first vote that was sent into the silence; and each end of a link that a
// fault silenced (blackhole, expired or flushed mapping) found it in that time, unless the fault
// was lifted before. Ends that no mechanism watches have no bound and are not looked at.
[[nodiscard]] Finding check_detection_within_bound(const Inspection& inspection);
// Waits before dials are drawn from zero to a ceiling that doubles up to backoff_max, so runs of
// dials take a time that can be told within bounds: five standard deviations less is a storm. So is
// it when all of the nodes that dial one peer do so within 50 ms, where chance explains that less
// than once in 100,000.
[[nodiscard]] Finding check_no_reconnect_storm(const Inspection& inspection);
// At the end: both ends of each link agree whether they are connected, and on one connection; no
// process sits on a socket in CLOSE_WAIT or a closing state, or on data that nobody acknowledges
// while nothing comes in. What has been so for less than `longer_than` is INCONCLUSIVE.
[[nodiscard]] Finding check_no_stuck_connection(const Inspection& inspection);

}  // namespace halfopen

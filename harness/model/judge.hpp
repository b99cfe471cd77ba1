// Judgement: a scenario's expectations against the record of a run. Pure; the same record always
// gives the same verdicts.
#pragma once

#include <string>
#include <vector>

#include "harness/model/record.hpp"
#include "harness/model/scenario.hpp"
#include "harness/model/verdict.hpp"

namespace halfopen {

[[nodiscard]] std::vector<ExpectationResult> judge(const Scenario& scenario,
                                                   const RunRecord& record);

// A control proves that the scenario can fail: each expectation of `must_fail` must have FAILED.
// One result per id: PASS when it failed, FAIL ("proves nothing") when it passed.
[[nodiscard]] std::vector<ExpectationResult> judge_control(
    const std::vector<std::string>& must_fail, const std::vector<ExpectationResult>& results);

// Events and metrics are two accounts of the same run: for each node that did not restart, the
// `transition` events must be as many as votenode_peer_transitions_total counted. A disagreement is
// a result "events-agree-with-metrics" that FAILs with an internal error; no disagreement is no
// result. Transitions within one scrape interval of the last scrape may be on either side of it.
[[nodiscard]] std::vector<ExpectationResult> cross_check(const RunRecord& record);

// Was the machine too late to be believed? Heartbeat lateness above a quarter of the smallest
// margin in the scenario (at least 100 ms is always granted). The smallest margin is the shortest
// `within`, and never more than the 1 s that must lie between competing times. Lateness before the
// first window opens does not count. Empty: no; else the sentence.
[[nodiscard]] std::string stalled(const Scenario& scenario, const RunRecord& record);

// Did too few scrapes take place in a window of ten intervals and more that an expectation looks
// at, although the run as a whole had enough? Where that made the judge unsure, the run is worth
// another try, alone. Empty: no; else the sentence.
[[nodiscard]] std::string unwatched(const Scenario& scenario, const RunRecord& record);

// Did a fault that was set fail to be held (the kernel refused a filter, a reset, a repair)? Then
// nothing of the run can be blamed on it. By the proxy's `fault_failed` events, and by
// fault_proxy_fault_failures_total where there is none. Empty: no; else the sentence.
[[nodiscard]] std::string fault_trouble(const RunRecord& record);

}  // namespace halfopen

// The expectations that look at how long, or how often, a condition held: holds_for, and count of a
// condition. As elsewhere, what was observed decides, also where scrapes are missing; what was not
// observed decides only where the scrapes cover the window. A scrape at which a node that is asked
// did not answer (judge_silence.hpp) ends a stretch, which proves no failure where the condition
// held for the others and would have held for long enough with them; for a count it is as if it had
// not taken place, but that more may have been there. A node that the scenario itself took away is
// known to say nothing: to a count the condition does not hold then, so it can become true again.
#pragma once

#include "harness/model/judge_missing.hpp"
#include "harness/model/judge_result.hpp"
#include "harness/model/judge_window.hpp"

namespace halfopen {

// A stretch goes on from scrape to scrape while no more than three intervals lie between them. Its
// length is from its first scrape to its last: what was between a stretch's end and the scrape that
// saw it over is not counted.
[[nodiscard]] ExpectationResult judge_holds_for(const HoldsFor& expected, const Interval& window,
                                                const RunRecord& record);
[[nodiscard]] ExpectationResult judge_count_times(const CountTimes& expected,
                                                  const Interval& window, const RunRecord& record,
                                                  const std::vector<Absence>& absences);

}  // namespace halfopen

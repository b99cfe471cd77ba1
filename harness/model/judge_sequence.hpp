// The expectations that look at which events came, how many and in which order: sequence, count of
// an event, log.
#pragma once

#include "harness/model/judge_result.hpp"

namespace halfopen {

// INCONCLUSIVE when the node told no transition of the peer at all, or when its transitions do not
// follow from one another (a line of its log is missing).
[[nodiscard]] ExpectationResult judge_sequence(const TransitionSequence& expected,
                                               const Interval& window, const RunRecord& record);
// INCONCLUSIVE when the program that would tell told nothing at all in the whole run.
[[nodiscard]] ExpectationResult judge_count_events(const CountEvents& expected,
                                                   const Interval& window, const RunRecord& record);
// INCONCLUSIVE when the log was not watched, or lines were dropped that could decide.
[[nodiscard]] ExpectationResult judge_log(const LogLines& expected, const Interval& window,
                                          const RunRecord& record);

}  // namespace halfopen

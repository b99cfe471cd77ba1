// The expectations that look at events: sends, invariants, lost votes, how a death was found.
#pragma once

#include "harness/model/judge_checkers.hpp"
#include "harness/model/judge_window.hpp"
#include "harness/model/verdict.hpp"

namespace halfopen {

// Verdict, seen, moment; the caller adds the rest.
// INCONCLUSIVE when nothing was cast and nothing sent in the window, unless no send at all was what
// was expected: a control whose votes were never cast must not look like one whose votes failed.
[[nodiscard]] ExpectationResult judge_sends(const SendSequence& expected, const Interval& window,
                                            const RunRecord& record);
// INCONCLUSIVE when no vote was cast in the window: an empty set proves nothing.
[[nodiscard]] ExpectationResult judge_lost_votes(const LostVotes& expected, const Interval& window,
                                                 const RunRecord& record);
// INCONCLUSIVE when no death was noticed in a window in which nothing was cast and nothing sent:
// neither "none" nor the lack of a reason means anything there.
[[nodiscard]] ExpectationResult judge_detected_by(const DetectedBy& expected,
                                                  const Interval& window, const RunRecord& record);

// `window` limits what is looked at; what became of a vote may lie later. The checkers and what
// each looks for are in judge_checkers.hpp. INCONCLUSIVE when one of them had nothing to look at.
[[nodiscard]] ExpectationResult judge_invariants(const Invariants& expected,
                                                 const Scenario& scenario, const Interval& window,
                                                 const RunRecord& record,
                                                 const DetectionBound& bound);

}  // namespace halfopen

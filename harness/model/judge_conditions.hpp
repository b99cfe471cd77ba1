// The expectations that look at metrics: always, never, eventually, sometimes.
//
// Each condition is evaluated at every scrape of the window. What was observed decides, also where
// scrapes are missing: one violation is a FAIL of always and never, one occurrence is a PASS of
// eventually and sometimes. What was NOT observed decides only where the scrapes cover the window;
// else it is INCONCLUSIVE, as is a condition that cannot be evaluated.
//
// A series that was there and is gone (judge_missing.hpp) is one that nobody can call good or bad
// any more: always fails by it, and never is INCONCLUSIVE where no violation decides. To eventually
// and sometimes a moment counts only where each node that is asked answers (judge_silence.hpp); one
// that held for those who answered is no proof of the contrary either, and leaves them
// INCONCLUSIVE.
#pragma once

#include "harness/model/judge_missing.hpp"
#include "harness/model/judge_window.hpp"
#include "harness/model/verdict.hpp"

namespace halfopen {

// Verdict, seen, moment; the caller adds the rest. Series of nodes are not missed while those are
// absent.
[[nodiscard]] ExpectationResult judge_always(const Expression& condition, const Interval& window,
                                             const RunRecord& record,
                                             const std::vector<Absence>& absences);
[[nodiscard]] ExpectationResult judge_never(const Expression& condition, const Interval& window,
                                            const RunRecord& record,
                                            const std::vector<Absence>& absences);
// Both eventually and sometimes: at some scrape the condition holds for every series, and every
// node that it asks answers, also one that the scenario itself took away.
[[nodiscard]] ExpectationResult judge_at_some_time(const Expression& condition,
                                                   const Interval& window, const RunRecord& record);

}  // namespace halfopen

// The expectations that look at metrics: always, never, eventually, sometimes.
//
// Each condition is evaluated at every scrape of the window. What was observed decides, also where
// scrapes are missing: one violation is a FAIL of always and never, one occurrence is a PASS of
// eventually and sometimes. What was NOT observed decides only where the scrapes cover the window;
// else it is INCONCLUSIVE, as is a condition that cannot be evaluated.
#pragma once

#include "harness/model/judge_window.hpp"
#include "harness/model/verdict.hpp"

namespace halfopen {

// Verdict, seen, moment; the caller adds the rest.
[[nodiscard]] ExpectationResult judge_always(const Expression& condition, const Interval& window,
                                             const RunRecord& record);
[[nodiscard]] ExpectationResult judge_never(const Expression& condition, const Interval& window,
                                            const RunRecord& record);
// Both eventually and sometimes: at some scrape the condition holds for every series.
[[nodiscard]] ExpectationResult judge_at_some_time(const Expression& condition,
                                                   const Interval& window, const RunRecord& record);

}  // namespace halfopen

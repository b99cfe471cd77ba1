// Alert rules over a run: the state machine of Prometheus's rule evaluation (inactive, pending,
// firing, for each label set), with the scrapes as its ticks.
#pragma once

#include "harness/model/judge_missing.hpp"
#include "harness/model/judge_result.hpp"
#include "harness/model/judge_window.hpp"

namespace halfopen {

// Rules are evaluated from the run's first scrape on, since what is pending when the window opens
// has been so for a while. INCONCLUSIVE where a rule cannot be evaluated, and where the scrapes do
// not cover the window and something that was not seen decides, or a node did not answer whose
// series could have raised what must stay silent; one in its planned absence is not missed.
[[nodiscard]] ExpectationResult judge_alerts(const Alerts& expected, const Interval& window,
                                             const RunRecord& record,
                                             const std::vector<Absence>& absences);

}  // namespace halfopen

// When an expectation looks, and whether enough was seen there to judge.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "harness/model/expression/evaluate.hpp"
#include "harness/model/record.hpp"
#include "harness/model/scenario.hpp"

namespace halfopen {

// The window on the run's time axis. Without `during` and `since` it begins when the first step
// ends (that step brings the steady state; a scenario of one step is looked at from its beginning).
// A window since an event begins with the first that there was, and one of a fault lasts from where
// the fault was added to where it was removed. A Problem says why there is none: the step was never
// reached, the event never came, or the run ended before the window did, by more than three scrape
// intervals.
[[nodiscard]] Result<Interval> resolve(const Window& window, const RunRecord& record);

// The scrape rounds in the interval, both ends included.
[[nodiscard]] std::vector<Instant> scrapes_in(const Interval& interval, const RunRecord& record);

// Empty when the scrapes cover the interval: at least 90 % of those that are in it wherever the
// first one falls, and no gap (also to the interval's ends) of more than three intervals. Else the
// sentence that says what is missing.
[[nodiscard]] std::string coverage_trouble(const Interval& interval,
                                           const std::vector<Instant>& scrapes,
                                           const RunRecord& record);

// The longest time between two scrapes that counts as seen throughout: three intervals.
[[nodiscard]] Duration longest_gap(const RunRecord& record);

// How every condition of a run is evaluated.
[[nodiscard]] EvaluationSettings evaluation_settings(const RunRecord& record);

// Whether so few scrapes took place, from the first step on or in a step of ten intervals and more,
// that a window there could not be judged. Where that made the judge unsure, the run is worth
// another try, alone. Empty: no; else the sentence.
[[nodiscard]] std::string scrape_trouble(const RunRecord& record);

}  // namespace halfopen

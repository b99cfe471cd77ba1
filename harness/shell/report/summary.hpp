// What a person reads at the end: a line a run, five lines a failure, which runs changed their
// verdict, the sum.
#pragma once

#include <string>

#include "harness/shell/report/run_summary.hpp"

namespace halfopen {

// "PASS  name[cause=…]  18.2 s"
[[nodiscard]] std::string run_line(const RunResult& run);

// Nothing for a run that passed. Else the run's line and five more: what was expected, what was
// seen, the events around it, the kernel's evidence, the command that repeats it. A run that
// no expectation explains has the reason instead. `width`: longer lines are folded.
[[nodiscard]] std::string why(const RunResult& run, std::size_t width);

// A line for each run that was played more than once and did not end the same each time, and one
// that sums up; empty when nothing was repeated.
[[nodiscard]] std::string flake_text(const RunSummary& summary);

// Why runs were never started, a line a reason: "230 runs not run: ...". Empty where all were.
[[nodiscard]] std::string left_out_text(const RunSummary& summary);

// How many predictions came true, and a line for each that did not; empty where nothing was
// predicted. A prediction is no expectation: it fails no run.
[[nodiscard]] std::string prediction_text(const RunSummary& summary);

// "12 passed, 0 failed, 0 inconclusive in 61.2 s, seed 42"
[[nodiscard]] std::string sum_text(const RunSummary& summary);

}  // namespace halfopen

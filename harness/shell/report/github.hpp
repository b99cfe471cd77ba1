// GitHub Actions: annotations at the lines of the scenario files, and a step summary.
//
// The form is GitHub's "workflow commands" and "job summaries"; both are plain text, so they are
// made here and written where the environment says (GITHUB_ACTIONS, GITHUB_STEP_SUMMARY).
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "harness/shell/report/run_summary.hpp"

namespace halfopen {

// A line for each expectation that failed (error) or could not be decided (warning), and for each
// run without a verdict of its expectations; ten of a kind at most, as GitHub shows no more.
// `root`: the repository's folder; files below it are named relative to it.
[[nodiscard]] std::string github_annotations(const RunSummary& summary, const std::string& root);

// An error at the place of each problem with a scenario file, as FILE:LINE:COLUMN begins its text.
[[nodiscard]] std::string github_annotations(const std::vector<Problem>& problems,
                                             const std::string& root);

// Markdown: the sum, a row for each run that did not pass with the command that plays it again, and
// where the report is, to be kept as an artifact.
[[nodiscard]] std::string github_step_summary(const RunSummary& summary);

}  // namespace halfopen

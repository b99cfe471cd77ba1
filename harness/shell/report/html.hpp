// report.html: one file with everything of an invocation of `halfopen run`, for a browser without a
// network. The page itself is in harness/report/; this puts the runs' data into it.
//
// What it is made of stays beside it, so that it can be made anew: runs.json (which runs, their
// verdicts) and, in each run's folder, timeline.json (what is drawn).
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "harness/model/prediction/prediction.hpp"
#include "harness/model/record.hpp"
#include "harness/shell/report/run_summary.hpp"

namespace halfopen {

// What a run is drawn from.
struct TimelineParts {
  const Scenario& scenario;
  const Prediction& prediction;
  const RunRecord& record;
  const RunResult& result;
};
// The worker's part: writes timeline.json into the run's folder. Answers what went wrong, or "".
[[nodiscard]] std::string write_timeline(const std::string& directory, const TimelineParts& parts);

// The coordinator's part: writes runs.json and report.html into the runs' folder; answers the
// report's path.
[[nodiscard]] Result<std::string> write_html_report(const RunSummary& summary,
                                                    const CommandParts& command);

// `halfopen report`: report.html from what is in the folder.
[[nodiscard]] Result<std::string> make_html_report(const std::string& directory,
                                                   const std::string& out);

// How much of each run's data fits.
enum class Detail { kFull, kNoPlots, kNone };
struct DetailNeed {
  std::size_t full = 0;      // bytes
  std::size_t no_plots = 0;  // bytes, without plots and log
  bool passed = false;
};
// Passing runs lose their plots and log first, then all, the earliest first; then the others.
[[nodiscard]] std::vector<Detail> choose_details(const std::vector<DetailNeed>& needs,
                                                 std::size_t limit);

// JSON as it may stand inside <script>: no byte of it can end the element or open a comment.
[[nodiscard]] std::string for_script(std::string json);

}  // namespace halfopen

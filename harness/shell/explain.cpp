#include "harness/shell/explain.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <filesystem>

#include "harness/model/prediction/cell_groups.hpp"
#include "harness/model/prediction/prediction_text.hpp"
#include "harness/shell/event_reader.hpp"
#include "harness/shell/exit_code.hpp"
#include "harness/shell/loaded_plan.hpp"
#include "harness/shell/run_directory.hpp"

namespace halfopen {
namespace {

namespace fs = std::filesystem;

// The run's last step is over and its nodes are being stopped: what then closes has not died.
Instant end_of_run(const std::vector<Event>& events) {
  Instant last_step;
  for (const Event& event : events) {
    if (event.event == "step_ended") last_step = event.at;
  }
  for (const Event& event : events) {
    const bool stops = event.event == "process_exited" || event.event == "stopped" ||
                       (event.event == "transition" && event.text("reason") == "shutdown");
    if (event.at >= last_step && stops) return event.at;
  }
  return events.empty() ? Instant{} : events.back().at;
}

// A problem where this run left no events, or not all.
Result<RunRecord> read_record(const std::string& directory) {
  std::error_code error;
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    const std::string name = entry.path().filename().string();
    if (name.size() > 13 && name.ends_with(".events.jsonl")) files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  RunEvents read = read_event_files(files);
  if (!read.damage.empty()) return Problem{read.damage};
  std::vector<Event>& events = read.events;
  if (events.empty()) return Problem{"no events of this run are there"};
  RunRecord record;
  record.whole = {events.front().at, end_of_run(events)};
  for (Event& event : events) {
    if (event.program != "halfopen" && event.at < record.whole.end) {
      record.events.push_back(std::move(event));
    }
  }
  return record;
}

class Explainer {
 public:
  explicit Explainer(const ExplainSettings& settings) : settings_(settings) {}

  void explain(const Plan& plan) {
    if (!settings_.as_json) std::printf("%s\n  %s\n", plan.name.c_str(), plan.claim.c_str());
    if (!settings_.as_json && !plan.axes.empty()) print_cells(plan);
    // What is measured belongs to one run, and programs read every run.
    const bool is_grouped = !settings_.as_json && !settings_.every_run_in_full &&
                            settings_.run_directory.empty() && !plan.axes.empty();
    bool is_first = true;
    for (const PlannedRun& run : plan.runs) {
      const bool is_told = is_grouped && !is_first && run.control.empty();
      if (!is_told) explain_run(run, is_first || settings_.every_run_in_full);
      is_first = false;
    }
  }

  int finish() {
    if (settings_.as_json) {
      std::printf("%s\n", boost::json::serialize(boost::json::object{{"runs", json_}}).c_str());
    } else if (!settings_.run_directory.empty()) {
      std::printf("\n%zu measurements beside predictions, %zu disagree; %zu runs were not there\n",
                  rows_, disagreements_, missing_);
    }
    return after_output(disagreements_ > 0 ? kExitFail : kExitPass);
  }

 private:
  // A matrix at one glance: cells of one fate are told together.
  static void print_cells(const Plan& plan) {
    std::vector<Prediction> predictions;
    std::vector<Cell> cells;
    for (const PlannedRun& run : plan.runs) {
      if (!run.control.empty()) continue;
      predictions.push_back(predict(run.scenario));
      cells.push_back(run.cell);
    }
    const std::vector<FateGroup> groups = group_by_fate(predictions);
    std::printf("\n%zu cells with %zu fates (times are of all its cells):\n", cells.size(),
                groups.size());
    for (const FateGroup& group : groups) {
      std::vector<Cell> members;
      for (const std::size_t run : group.runs)
        members.push_back(cells[run]);
      const char* before = "in";
      std::printf("\n");
      for (const std::string& block : cell_blocks(plan.axes, members)) {
        std::printf("  %s %s\n", before, block.c_str());
        before = "and";
      }
      std::printf("%s", prediction_lines(group.widest, "    ").c_str());
    }
  }

  void explain_run(const PlannedRun& run, bool in_full) {
    const Prediction prediction = predict(run.scenario);
    boost::json::object object = to_json(prediction);
    object["run"] = run.id;
    if (!settings_.as_json) {
      std::printf(
          "\n%s\n%s", run.id.c_str(),
          (in_full ? prediction_text(prediction) : prediction_lines(prediction, "  ")).c_str());
    }
    if (!settings_.run_directory.empty()) add_measured(run, prediction, object);
    if (settings_.as_json) json_.push_back(std::move(object));
  }

  void add_measured(const PlannedRun& run, const Prediction& prediction,
                    boost::json::object& object) {
    const auto record = read_record(run_subdirectory(settings_.run_directory, run.id));
    if (record.has_error()) {
      ++missing_;
      if (!settings_.as_json) std::printf("    not measured: %s\n", record.error().text.c_str());
      return;
    }
    const PredictionCheck check = compare(prediction, *record);
    rows_ += check.rows.size();
    for (const PredictionRow& row : check.rows)
      disagreements_ += row.agrees ? 0 : 1;
    object["measured"] = to_json(check);
    if (!settings_.as_json) std::printf("%s", check_text(check, "    ").c_str());
  }

  const ExplainSettings& settings_;
  boost::json::array json_;
  std::size_t rows_ = 0;
  std::size_t disagreements_ = 0;
  std::size_t missing_ = 0;
};

}  // namespace

int explain_scenarios(const ExplainSettings& settings) {
  std::error_code error;
  if (!settings.run_directory.empty() && !fs::is_directory(settings.run_directory, error)) {
    std::fprintf(stderr,
                 "%s: is no folder of a finished run; expected the DIR of halfopen run --out DIR\n",
                 settings.run_directory.c_str());
    return kExitBadInput;
  }
  const LoadedPlans loaded = load_plans(settings.files, settings.variables);
  for (const Problem& problem : loaded.problems)
    std::fprintf(stderr, "%s\n", problem.text.c_str());
  if (!loaded.problems.empty()) return kExitBadInput;
  Explainer explainer(settings);
  for (const LoadedPlan& plan : loaded.plans)
    explainer.explain(plan.plan);
  return explainer.finish();
}

}  // namespace halfopen

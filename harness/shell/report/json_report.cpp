#include "harness/shell/report/json_report.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace halfopen {
namespace {

namespace json = boost::json;

json::object expectation_json(const ExpectationResult& result) {
  json::array evidence;
  for (const std::string& line : result.evidence)
    evidence.emplace_back(line);
  return {{"id", result.id},
          {"verdict", verdict_name(result.verdict)},
          {"expected", result.expected},
          {"seen", result.seen},
          {"moment_ns", result.moment.nanoseconds()},
          {"evidence", std::move(evidence)},
          {"kernel", result.kernel}};
}

json::object run_json(const RunResult& run, const PlannedRun& planned) {
  json::object cell;
  for (const auto& [axis, value] : planned.cell)
    cell[axis] = value;
  json::array mispredictions;
  for (const std::string& line : run.mispredictions)
    mispredictions.emplace_back(line);
  json::array expectations;
  for (const ExpectationResult& result : run.expectations)
    expectations.push_back(expectation_json(result));
  return {{"id", run.run_id},
          {"repetition", run.repetition + 1},
          {"control", planned.control},
          {"cell", std::move(cell)},
          {"verdict", verdict_name(run.verdict)},
          {"reason", run.reason},
          {"headline", run.headline},
          {"note", run.note},
          {"seconds", run.seconds},
          {"seed", run.seed},
          {"directory", run.directory},
          {"stalled", run.stalled},
          {"left_out", run.is_left_out},
          {"predictions", run.predictions},
          {"mispredictions", std::move(mispredictions)},
          {"internal_error", run.internal_error},
          {"bad_input", run.bad_input},
          {"expectations", std::move(expectations)}};
}

const PlannedRun& planned_of(const Plan& plan, const RunResult& run) {
  for (const PlannedRun& planned : plan.runs) {
    if (planned.id == run.run_id) return planned;
  }
  return plan.runs.front();
}

}  // namespace

std::string json_report(const RunSummary& summary) {
  json::array scenarios;
  for (const PlanResults& results : summary.plans) {
    json::array runs;
    for (const RunResult& run : results.runs)
      runs.push_back(run_json(run, planned_of(*results.plan, run)));
    scenarios.push_back(json::object{{"name", results.plan->name},
                                     {"claim", results.plan->claim},
                                     {"file", results.plan->file},
                                     {"runs", std::move(runs)}});
  }
  const json::object report{{"version", 1},
                            {"world", summary.world},
                            {"seed", summary.seed},
                            {"seconds", summary.seconds},
                            {"directory", summary.directory},
                            {"exit_status", exit_status(summary)},
                            {"interrupted", summary.was_interrupted},
                            {"scenarios", std::move(scenarios)}};
  return json::serialize(report) + "\n";
}

}  // namespace halfopen

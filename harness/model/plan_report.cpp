#include "harness/model/plan_report.hpp"

#include <algorithm>

#include "harness/model/bind_fields.hpp"
#include "harness/model/bind_parts.hpp"
#include "harness/model/shape_parts.hpp"

namespace halfopen {
namespace {

// A path that the file writes, as seen from where the file's own name is.
std::string beside(const std::string& file, const std::string& path) {
  const std::size_t slash = file.rfind('/');
  if (path.starts_with('/') || slash == std::string::npos) return path;
  return file.substr(0, slash + 1) + path;
}

Result<Axis> read_report_axis(const Fields& fields, std::string_view key, const Plan& plan) {
  HALFOPEN_TRY(value, fields.need(key));
  std::vector<std::string> names;
  for (const Axis& axis : plan.axes)
    names.push_back(axis.name);
  HALFOPEN_TRY(name, read_known(*value, "axis", names));
  return *std::find_if(plan.axes.begin(), plan.axes.end(),
                       [&](const Axis& axis) { return axis.name == name; });
}

Problem no_link(const Mark& mark, const std::string& node, const std::string& peer,
                const std::string& run_id) {
  return problem_at(mark,
                    "there is no link between " + node + " and " + peer + " in the run " + run_id);
}

// The names that a report refers to must be there in every cell, or some cell tells no story.
Result<ReportSpec> read_story(const Fields& fields, const Plan& plan) {
  ReportSpec report;
  HALFOPEN_TRY(node, fields.need("node"));
  HALFOPEN_TRY(peer, fields.need("peer"));
  HALFOPEN_TRY(since, fields.need("since"));
  for (const PlannedRun& run : plan.runs) {
    if (!run.control.empty()) continue;
    HALFOPEN_TRY(node_name, read_known(*node, "node", node_names(run.scenario)));
    HALFOPEN_TRY(peer_name, read_known(*peer, "node", node_names(run.scenario)));
    HALFOPEN_TRY(step, read_known(*since, "step", step_ids(run.scenario)));
    if (find_link(run.scenario, node_name, peer_name) == nullptr) {
      return no_link(peer->mark, node_name, peer_name, run.id);
    }
    report.node = node_name;
    report.peer = peer_name;
    report.since = step;
  }
  return report;
}

}  // namespace

Result<ReportSpec> read_report(const Document& map, const Plan& plan) {
  HALFOPEN_TRY(fields, Fields::of(map, report_shape()));
  if (plan.axes.empty()) {
    return problem_at(map.mark, "a \"report\" is a table over two axes; it needs a matrix");
  }
  HALFOPEN_TRY(rows, read_report_axis(fields, "rows", plan));
  HALFOPEN_TRY(columns, read_report_axis(fields, "columns", plan));
  if (rows.name == columns.name) {
    return problem_at(map.mark, "\"rows\" and \"columns\" must be two different axes");
  }
  HALFOPEN_TRY(report, read_story(fields, plan));
  report.rows = rows.name;
  report.columns = columns.name;
  const Document* undefended = fields.find("undefended");
  if (undefended != nullptr) {
    std::vector<std::string> values;
    for (const auto& [name, title] : columns.values)
      values.push_back(name);
    HALFOPEN_TRY(name, read_known(*undefended, "value of " + columns.name, values));
    report.undefended = name;
  }
  if (const Document* log = fields.find("log")) {
    if (undefended == nullptr) {
      return problem_at(log->mark, "a diagnosis of \"log\" needs \"undefended\": the value of " +
                                       columns.name + " that stands for no defence");
    }
    HALFOPEN_TRY(path, read_text(*log, "\"log\""));
    report.log_path = beside(map.mark.file, path);
    report.log_mark = log->mark;
  }
  return report;
}

}  // namespace halfopen

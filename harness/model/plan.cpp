#include "harness/model/plan.hpp"

#include <algorithm>

#include "harness/model/bind.hpp"
#include "harness/model/bind_fields.hpp"
#include "harness/model/bind_parts.hpp"
#include "harness/model/plan_matrix.hpp"
#include "harness/model/plan_proof.hpp"
#include "harness/model/plan_report.hpp"
#include "harness/model/plan_variables.hpp"
#include "harness/model/pointer.hpp"
#include "harness/model/shape_parts.hpp"

namespace halfopen {
namespace {

constexpr std::size_t kControlsMax = 64;
constexpr unsigned kRepeatMax = 1000;

// What all runs of a file are made from, read once: a file may have hundreds of runs.
struct PlanSource {
  const Document& file;
  Document of_runs;  // the file without the parts that are about all runs
  DeclaredVariables declared;
  Variables given;  // --var
  Matrix matrix;
  std::vector<Axis> axes;
};

// What a control changes in its run, beside what its cell does.
struct ControlChange {
  Document set;  // a map of paths; empty without one
  Variables variables;
};

// "cause=nat-drop,defence=none"
std::string cell_text(const PlanSource& source, const Cell& cell) {
  std::string text;
  for (std::size_t i = 0; i < cell.size(); ++i) {
    text += (i == 0 ? "" : ",") + source.matrix.axes[i].name + "=" + cell[i]->name;
  }
  return text;
}

// The file as this run has it, without the parts that are about all runs.
Result<Document> document_of_run(const PlanSource& source, const Cell& cell,
                                 const ControlChange& change) {
  Document document = source.of_runs;
  for (const AxisValue* value : cell)
    HALFOPEN_CHECK(apply_set(document, value->set));
  HALFOPEN_CHECK(apply_set(document, change.set));
  return document;
}

Result<RunTerms> terms_of_run(const PlanSource& source, const Cell& cell,
                              const ControlChange& change) {
  Variables cell_variables;
  for (const AxisValue* value : cell) {
    for (const auto& [name, variable] : value->variables)
      cell_variables[name] = variable;
  }
  HALFOPEN_TRY(variables,
               layer_variables(source.declared, {cell_variables, source.given, change.variables}));
  RunTerms terms{source.axes, {}, std::move(variables), source.declared.options()};
  for (std::size_t i = 0; i < cell.size(); ++i) {
    terms.cell[source.matrix.axes[i].name] = cell[i]->name;
  }
  return terms;
}

Result<PlannedRun> plan_run(const PlanSource& source, const Cell& cell,
                            const ControlChange& change) {
  HALFOPEN_TRY(document, document_of_run(source, cell, change));
  HALFOPEN_TRY(terms, terms_of_run(source, cell, change));
  std::erase_if(document.entries, [](const DocumentEntry& entry) {
    return entry.key == "vars" || entry.key == "choices";
  });
  HALFOPEN_CHECK(substitute(document, terms.variables));
  PlannedRun run;
  HALFOPEN_TRY(scenario, bind_scenario(document, terms));
  run.scenario = std::move(scenario);
  run.id = run.scenario.name;
  for (std::size_t i = 0; i < cell.size(); ++i) {
    run.cell.emplace_back(source.matrix.axes[i].name, cell[i]->name);
  }
  if (!cell.empty()) run.id += "[" + cell_text(source, cell) + "]";
  return run;
}

Result<PlannedRun> plan_cell(const PlanSource& source, const Cell& cell) {
  auto run = plan_run(source, cell, {});
  if (run.has_value() || cell.empty()) return run;
  return Problem{run.error().text, " (in the run with ", cell_text(source, cell), ")"};
}

Result<Cell> cell_of_control(const Fields& control, const PlanSource& source) {
  const Document* cell = control.find("cell");
  if (source.matrix.axes.empty()) {
    if (cell == nullptr) return Cell{};
    return problem_at(cell->mark, "\"cell\" has a meaning only with a matrix; remove it");
  }
  HALFOPEN_TRY(map, control.need("cell"));
  return find_cell(*map, source.matrix);
}

Result<ControlChange> change_of_control(const Fields& control, const PlanSource& source) {
  const Document* set = control.find("set");
  const Document* vars = control.find("vars");
  if (set == nullptr && vars == nullptr) {
    return problem_at(control.mark(), "a control changes nothing; expected \"set\" or \"vars\"");
  }
  ControlChange change;
  if (set != nullptr) {
    HALFOPEN_TRY(paths, read_set(*set));
    change.set = std::move(paths);
  }
  if (vars != nullptr) {
    HALFOPEN_TRY(variables, read_declared(*vars, source.declared));
    change.variables = std::move(variables);
  }
  return change;
}

// A control as it is written, before its run is bound.
struct ControlRun {
  std::string id;
  ControlChange change;
  Cell cell;
  const Document* must_fail = nullptr;
};

// Nothing where the control's `when` excludes it.
Result<std::optional<ControlRun>> read_control(const Document& item, const PlanSource& source) {
  HALFOPEN_TRY(fields, Fields::of(item, control_shape()));
  HALFOPEN_TRY(id, fields.need("id"));
  HALFOPEN_TRY(id_text, read_id(*id, "the control id"));
  HALFOPEN_TRY(change, change_of_control(fields, source));
  HALFOPEN_TRY(must_fail, fields.need("must_fail"));
  HALFOPEN_CHECK(read_texts(*must_fail, "\"must_fail\""));
  HALFOPEN_TRY(cell, cell_of_control(fields, source));
  HALFOPEN_TRY(terms, terms_of_run(source, cell, {}));
  HALFOPEN_TRY(belongs, belongs_to_run(item, terms));
  if (!belongs) return std::optional<ControlRun>{};
  return std::optional<ControlRun>{
      ControlRun{std::move(id_text), std::move(change), std::move(cell), must_fail}};
}

Result<PlannedRun> plan_control(const ControlRun& control, const PlanSource& source) {
  auto run = plan_run(source, control.cell, control.change);
  if (run.has_error()) return Problem{run.error().text, " (in control ", control.id, ")"};
  run->id = run->scenario.name + "/control:" + control.id;
  run->control = control.id;
  const std::vector<std::string> ids = expectation_ids(run->scenario);
  const std::vector<std::string> parts = expectation_parts(run->scenario);
  for (const Document& expectation : control.must_fail->items) {
    // The id of an expectation, or with ID.PART what it calls one of its parts.
    const bool is_part = expectation.scalar.find('.') != std::string::npos && !parts.empty();
    HALFOPEN_TRY(name, is_part ? read_known(expectation, "part of an expectation", parts)
                               : read_known(expectation, "expectation", ids));
    run->must_fail.push_back(std::move(name));
  }
  return run;
}

Result<void> plan_controls(const PlanSource& source, Plan& plan) {
  if (const Document* controls = source.file.find("controls")) {
    HALFOPEN_CHECK(check_list(*controls, "\"controls\""));
    if (controls->items.size() > kControlsMax) {
      return problem_at(controls->mark,
                        "expected at most " + std::to_string(kControlsMax) + " controls");
    }
    std::map<std::string, int> line_of;
    for (const Document& item : controls->items) {
      HALFOPEN_TRY(control, read_control(item, source));
      if (!control) continue;
      HALFOPEN_TRY(run, plan_control(*control, source));
      if (const auto [first, fresh] = line_of.emplace(run.control, item.mark.line); !fresh) {
        return problem_at(item.find("id")->mark, "duplicate control id \"" + run.control +
                                                     "\"; it was given on line " +
                                                     std::to_string(first->second));
      }
      plan.runs.push_back(std::move(run));
    }
  }
  return check_that_some_run_can_fail(source.file, plan);
}

Result<std::vector<Axis>> name_axes(const Matrix& matrix, const Variables& variables) {
  std::vector<Axis> axes;
  for (const MatrixAxis& from : matrix.axes) {
    Axis axis{from.name, {}};
    for (const AxisValue& value : from.values) {
      Document title = value.title;
      HALFOPEN_CHECK(substitute(title, variables));
      axis.values.emplace_back(value.name, title.scalar);
    }
    axes.push_back(std::move(axis));
  }
  return axes;
}

bool is_chosen_by_cells(const Matrix& matrix, const std::string& variable) {
  for (const MatrixAxis& axis : matrix.axes) {
    for (const AxisValue& value : axis.values) {
      if (value.variables.contains(variable)) return true;
    }
  }
  return false;
}

Result<PlanSource> read_source(const Document& document,
                               const std::map<std::string, std::string>& overrides) {
  HALFOPEN_TRY(file, Fields::of(document, file_shape()));
  for (const char* key : {"name", "claim", "nodes", "steps", "expect"}) {
    HALFOPEN_CHECK(file.need(key));
  }
  HALFOPEN_TRY(declared, read_variables(document));
  HALFOPEN_TRY(given, read_overrides(declared, overrides, document.mark.file));
  HALFOPEN_TRY(variables, layer_variables(declared, {given}));
  HALFOPEN_TRY(matrix, read_matrix(document, declared));
  HALFOPEN_TRY(axes, name_axes(matrix, variables));
  PlanSource source{document, {}, std::move(declared), std::move(given), std::move(matrix), axes};
  source.of_runs.kind = document.kind;
  source.of_runs.mark = document.mark;
  for (const DocumentEntry& entry : document.entries) {
    const bool of_all_runs = entry.key == "matrix" || entry.key == "controls" ||
                             entry.key == "report" || entry.key == "repeat";
    if (!of_all_runs) source.of_runs.entries.push_back(entry);
  }
  return source;
}

// The plan without its runs.
Plan begin_plan(const PlanSource& source) {
  Plan plan;
  plan.file = source.file.mark.file;
  plan.axes = source.axes;
  return plan;
}

Result<void> add_report(const PlanSource& source, Plan& plan) {
  const Document* report = source.file.find("report");
  if (report == nullptr) return {};
  HALFOPEN_TRY(spec, read_report(*report, plan));
  plan.report = std::move(spec);
  return {};
}

// The plan for one choice of variables.
Result<Plan> plan_once(const Document& document,
                       const std::map<std::string, std::string>& overrides) {
  HALFOPEN_TRY(source, read_source(document, overrides));
  Plan plan = begin_plan(source);
  if (const Document* repeat = document.find("repeat")) {
    HALFOPEN_TRY(times, read_count(*repeat, "\"repeat\"", 1, kRepeatMax));
    plan.repeat = times;
  }
  for (const Cell& cell : cells_of(source.matrix)) {
    HALFOPEN_TRY(run, plan_cell(source, cell));
    plan.runs.push_back(std::move(run));
  }
  plan.name = plan.runs.front().scenario.name;
  HALFOPEN_TRY(variables, layer_variables(source.declared, {source.given}));
  Document claim = *document.find("claim");
  HALFOPEN_CHECK(substitute(claim, variables));
  plan.claim = claim.scalar;
  HALFOPEN_CHECK(plan_controls(source, plan));
  HALFOPEN_CHECK(add_report(source, plan));
  return plan;
}

// Plans every other value of every choice, and keeps nothing of it but the first mistake: what is
// run once a month must not be found broken only then.
Result<void> check_choices(const Document& document) {
  HALFOPEN_TRY(declared, read_variables(document));
  HALFOPEN_TRY(matrix, read_matrix(document, declared));
  for (const auto& [chooser, options] : declared.options()) {
    if (is_chosen_by_cells(matrix, chooser)) continue;  // and every cell was planned
    for (const std::string& option : options) {
      if (declared.variables.at(chooser).text == option) continue;
      const auto plan = plan_once(document, {{chooser, option}});
      if (plan.has_error()) {
        return Problem{plan.error().text, " (with ", chooser, "=", option, ")"};
      }
    }
  }
  return {};
}

// The run that the whole plan has at this place: controls come behind the cells, and one that its
// `when` leaves out has no place.
Result<PlannedRun> plan_run_at(const PlanSource& source, std::size_t index) {
  const std::vector<Cell> cells = cells_of(source.matrix);
  if (index < cells.size()) return plan_cell(source, cells[index]);
  std::size_t next = cells.size();
  const Document* controls = source.file.find("controls");
  const std::size_t written = controls == nullptr ? 0 : controls->items.size();
  for (std::size_t i = 0; i < written; ++i) {
    HALFOPEN_TRY(control, read_control(controls->items[i], source));
    if (!control || next++ < index) continue;
    return plan_control(*control, source);
  }
  return Problem{source.file.mark.file, ": there is no run ", std::to_string(index)};
}

}  // namespace

Result<Plan> plan_scenario(const Document& document,
                           const std::map<std::string, std::string>& overrides) {
  HALFOPEN_TRY(plan, plan_once(document, overrides));
  HALFOPEN_CHECK(check_choices(document));
  HALFOPEN_CHECK(check_that_each_can_fail(document, plan));
  return plan;
}

Result<Plan> plan_single_run(const Document& document,
                             const std::map<std::string, std::string>& overrides,
                             std::size_t run_index) {
  HALFOPEN_TRY(source, read_source(document, overrides));
  Plan plan = begin_plan(source);
  HALFOPEN_TRY(run, plan_run_at(source, run_index));
  plan.name = run.scenario.name;
  plan.runs.push_back(std::move(run));
  HALFOPEN_CHECK(add_report(source, plan));
  return plan;
}

}  // namespace halfopen

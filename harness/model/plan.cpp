#include "harness/model/plan.hpp"

#include <algorithm>
#include <set>
#include <variant>

#include "harness/model/bind.hpp"
#include "harness/model/bind_fields.hpp"
#include "harness/model/bind_parts.hpp"
#include "harness/model/plan_matrix.hpp"
#include "harness/model/plan_report.hpp"
#include "harness/model/plan_variables.hpp"
#include "harness/model/pointer.hpp"
#include "harness/model/shape_parts.hpp"

namespace halfopen {
namespace {

constexpr std::size_t kControlsMax = 64;
constexpr unsigned kRepeatMax = 1000;

// What all runs of a file are made from.
struct PlanSource {
  const Document& file;
  const std::map<std::string, std::string>& overrides;
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
  Document document = source.file;
  std::erase_if(document.entries, [](const DocumentEntry& entry) {
    return entry.key == "matrix" || entry.key == "controls" || entry.key == "report" ||
           entry.key == "repeat";
  });
  for (const AxisValue* value : cell)
    HALFOPEN_CHECK(apply_set(document, value->set));
  HALFOPEN_CHECK(apply_set(document, change.set));
  return document;
}

Result<RunTerms> terms_of_run(const PlanSource& source, const Cell& cell,
                              const ControlChange& change, const Document& document) {
  Variables cell_variables;
  for (const AxisValue* value : cell) {
    for (const auto& [name, variable] : value->variables)
      cell_variables[name] = variable;
  }
  HALFOPEN_TRY(declared, read_variables(document));
  HALFOPEN_TRY(overrides, read_overrides(declared, source.overrides, source.file.mark.file));
  HALFOPEN_TRY(variables, layer_variables(declared, {cell_variables, overrides, change.variables}));
  RunTerms terms{source.axes, {}, std::move(variables), declared.options()};
  for (std::size_t i = 0; i < cell.size(); ++i) {
    terms.cell[source.matrix.axes[i].name] = cell[i]->name;
  }
  return terms;
}

Result<PlannedRun> plan_run(const PlanSource& source, const Cell& cell,
                            const ControlChange& change) {
  HALFOPEN_TRY(document, document_of_run(source, cell, change));
  HALFOPEN_TRY(terms, terms_of_run(source, cell, change, document));
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
    HALFOPEN_TRY(declared, read_variables(source.file));
    HALFOPEN_TRY(variables, read_declared(*vars, declared));
    change.variables = std::move(variables);
  }
  return change;
}

// The id of an expectation, or with ID.PART what it calls one of its parts.
Result<std::string> read_must_fail(const Document& item, const Scenario& scenario) {
  const std::vector<std::string> parts = expectation_parts(scenario);
  const bool is_part = item.scalar.find('.') != std::string::npos && !parts.empty();
  if (is_part) return read_known(item, "part of an expectation", parts);
  return read_known(item, "expectation", expectation_ids(scenario));
}

// A control's run, or nothing where its `when` excludes it.
Result<std::optional<PlannedRun>> plan_control(const Document& item, const PlanSource& source) {
  HALFOPEN_TRY(fields, Fields::of(item, control_shape()));
  HALFOPEN_TRY(id, fields.need("id"));
  HALFOPEN_TRY(id_text, read_id(*id, "the control id"));
  HALFOPEN_TRY(change, change_of_control(fields, source));
  HALFOPEN_TRY(must_fail, fields.need("must_fail"));
  HALFOPEN_CHECK(read_texts(*must_fail, "\"must_fail\""));
  HALFOPEN_TRY(cell, cell_of_control(fields, source));
  HALFOPEN_TRY(document, document_of_run(source, cell, {}));
  HALFOPEN_TRY(terms, terms_of_run(source, cell, {}, document));
  HALFOPEN_TRY(belongs, belongs_to_run(item, terms));
  if (!belongs) return std::optional<PlannedRun>{};
  auto run = plan_run(source, cell, change);
  if (run.has_error()) return Problem{run.error().text, " (in control ", id_text, ")"};
  run->id = run->scenario.name + "/control:" + id_text;
  run->control = id_text;
  for (const Document& expectation : must_fail->items) {
    HALFOPEN_TRY(name, read_must_fail(expectation, run->scenario));
    run->must_fail.push_back(std::move(name));
  }
  return std::optional<PlannedRun>{std::move(*run)};
}

bool is_error(const std::string& send_result) {
  return send_result != "OK";
}

// Does the expectation say that something goes wrong? It then fails where the fault does nothing,
// and so does for the faults of a matrix what a control does for the defences.
bool states_a_failure(const ExpectationBody& body) {
  if (const auto* lost = std::get_if<LostVotes>(&body)) {
    return lost->count > 0 && lost->comparison != LostVotes::Comparison::kAtMost;
  }
  if (const auto* sends = std::get_if<SendSequence>(&body)) {
    return std::all_of(sends->one_of.begin(), sends->one_of.end(), [](const auto& results) {
      return std::any_of(results.begin(), results.end(), is_error);
    });
  }
  if (const auto* detected = std::get_if<DetectedBy>(&body)) {
    return std::count(detected->one_of.begin(), detected->one_of.end(), "none") == 0;
  }
  return false;
}

bool some_cell_states_a_failure(const Plan& plan) {
  return std::any_of(plan.runs.begin(), plan.runs.end(), [](const PlannedRun& run) {
    const auto& all = run.scenario.expectations;
    return std::any_of(all.begin(), all.end(),
                       [](const Expectation& one) { return states_a_failure(one.body); });
  });
}

// A scenario that cannot fail proves nothing.
Result<void> check_that_it_can_fail(const PlanSource& source, const Plan& plan) {
  const bool has_control = std::any_of(plan.runs.begin(), plan.runs.end(),
                                       [](const auto& run) { return !run.control.empty(); });
  if (has_control) return {};
  if (source.matrix.axes.empty()) {
    return problem_at(source.file.mark,
                      "no controls: a scenario that cannot fail proves nothing; add \"controls\" "
                      "that take the defence away and name the expectations that must then fail");
  }
  if (some_cell_states_a_failure(plan)) return {};
  return problem_at(source.file.mark,
                    "no controls, and no cell expects a loss or an error: a matrix that cannot "
                    "fail proves nothing; add \"controls\", or to a cell without a defence "
                    "\"lost_votes\" with at_least: 1, \"sends\" with an errno, or "
                    "\"detected_by\" with a reason other than none");
}

// The ids in the must_fail of the controls, by a part of theirs too, also of those that a `when`
// leaves out of this plan.
std::set<std::string> controlled_ids(const Document& controls) {
  std::set<std::string> ids;
  for (const Document& control : controls.items) {
    const Document* must_fail = control.find("must_fail");
    if (must_fail == nullptr) continue;
    for (const Document& id : must_fail->items)
      ids.insert(id.scalar.substr(0, id.scalar.find('.')));
  }
  return ids;
}

Result<void> check_that_it_can_fail(const Expectation& expectation,
                                    const std::set<std::string>& controlled) {
  const bool has_reason = !expectation.uncontrolled.empty();
  if (controlled.contains(expectation.id) != has_reason) return {};
  if (has_reason) {
    return problem_at(expectation.mark, "a control makes \"" + expectation.id +
                                            "\" fail, so it is not uncontrolled; remove one of "
                                            "the two");
  }
  return problem_at(expectation.mark,
                    "no control shows that \"" + expectation.id +
                        "\" can fail; name it in the must_fail of a control, or say why none "
                        "can: uncontrolled: \"...\"");
}

// In a matrix the cells are each other's controls where they state a failure, or under one id
// different things.
std::set<std::string> contradicted_ids(const Plan& plan) {
  std::set<std::string> ids;
  std::map<std::string, std::string> text_of;
  for (const PlannedRun& run : plan.runs) {
    for (const Expectation& expectation : run.scenario.expectations) {
      const auto [first, is_new] = text_of.emplace(expectation.id, expectation.text);
      const bool differs = !is_new && first->second != expectation.text;
      if (differs || states_a_failure(expectation.body)) ids.insert(expectation.id);
    }
  }
  return ids;
}

// An expectation that no control makes fail may be one that cannot fail at all.
Result<void> check_that_each_can_fail(const Document& file, const Plan& plan) {
  const Document* controls = file.find("controls");
  if (controls == nullptr) return {};
  const std::set<std::string> controlled = controlled_ids(*controls);
  const std::set<std::string> contradicted =
      plan.axes.empty() ? std::set<std::string>{} : contradicted_ids(plan);
  for (const PlannedRun& run : plan.runs) {
    if (!run.control.empty()) continue;
    for (const Expectation& expectation : run.scenario.expectations) {
      const bool says_nothing =
          expectation.uncontrolled.empty() && !controlled.contains(expectation.id);
      if (says_nothing && contradicted.contains(expectation.id)) continue;
      HALFOPEN_CHECK(check_that_it_can_fail(expectation, controlled));
    }
  }
  return {};
}

Result<void> plan_controls(const PlanSource& source, Plan& plan) {
  if (const Document* controls = source.file.find("controls")) {
    HALFOPEN_CHECK(check_list(*controls, "\"controls\""));
    if (controls->items.size() > kControlsMax) {
      return problem_at(controls->mark,
                        "expected at most " + std::to_string(kControlsMax) + " controls");
    }
    for (const Document& item : controls->items) {
      HALFOPEN_TRY(run, plan_control(item, source));
      if (!run) continue;
      for (const PlannedRun& other : plan.runs) {
        if (other.control == run->control) {
          return problem_at(item.mark, "duplicate control id \"" + run->control + "\"");
        }
      }
      plan.runs.push_back(std::move(*run));
    }
  }
  return check_that_it_can_fail(source, plan);
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

// The plan for one choice of variables.
Result<Plan> plan_once(const Document& document,
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
  const PlanSource source{document, overrides, std::move(matrix), axes};

  Plan plan;
  plan.file = document.mark.file;
  if (const Document* repeat = document.find("repeat")) {
    HALFOPEN_TRY(times, read_count(*repeat, "\"repeat\"", 1, kRepeatMax));
    plan.repeat = times;
  }
  plan.axes = axes;
  for (const Cell& cell : cells_of(source.matrix)) {
    auto run = plan_run(source, cell, {});
    if (run.has_error()) {
      if (cell.empty()) return run.error();
      return Problem{run.error().text, " (in the run with ", cell_text(source, cell), ")"};
    }
    plan.runs.push_back(std::move(*run));
  }
  plan.name = plan.runs.front().scenario.name;
  Document claim = *document.find("claim");
  HALFOPEN_CHECK(substitute(claim, variables));
  plan.claim = claim.scalar;
  HALFOPEN_CHECK(plan_controls(source, plan));
  if (const Document* report = document.find("report")) {
    HALFOPEN_TRY(spec, read_report(*report, plan));
    plan.report = std::move(spec);
  }
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

}  // namespace

Result<Plan> plan_scenario(const Document& document,
                           const std::map<std::string, std::string>& overrides) {
  HALFOPEN_TRY(plan, plan_once(document, overrides));
  HALFOPEN_CHECK(check_choices(document));
  HALFOPEN_CHECK(check_that_each_can_fail(document, plan));
  return plan;
}

}  // namespace halfopen

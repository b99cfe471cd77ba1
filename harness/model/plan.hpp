// From a file to the runs that it asks for: variables, the matrix, and the controls. Each run is a
// Scenario of its own and is judged alone; a control is a run in which named expectations must
// fail.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/model/scenario.hpp"

namespace halfopen {

struct Axis {
  std::string name;                                         // "cause"
  std::vector<std::pair<std::string, std::string>> values;  // name, title for people
};

struct PlannedRun {
  std::string id;  // "name", "name[cause=nat-drop,defence=none]", "name/control:no-keepalive"
  std::vector<std::pair<std::string, std::string>> cell;  // axis, value; empty without a matrix
  std::string control;                                    // the control's id, empty for a main run
  std::vector<std::string> must_fail;                     // of a control: expectation ids
  Scenario scenario;
};

// `report:` of a file: the table over two axes, and the diagnosis against a log.
struct ReportSpec {
  std::string rows;     // axis
  std::string columns;  // axis
  std::string node;     // the sender whose story each cell tells
  std::string peer;
  std::string since;  // step: the story's start
  std::string
      undefended;        // the column's value that stands for no defence: the causes' fingerprints
  std::string log_path;  // the incident's own log, from the scenario file's folder; "" for none
  Mark log_mark;
  std::string log_text;  // what is in it: read by the caller, since planning opens no files.
                         // Empty: no diagnosis
};

struct Plan {
  std::string name;
  std::string claim;
  std::string file;
  std::vector<Axis> axes;
  unsigned repeat = 1;           // how often each run is to be played; more than --repeat wins
  std::vector<PlannedRun> runs;  // main runs in matrix order (last axis fastest), then controls
  std::optional<ReportSpec> report;
};

// `overrides` are --var NAME=VALUE; a name that the file does not declare is a Problem.
[[nodiscard]] Result<Plan> plan_scenario(const Document& document,
                                         const std::map<std::string, std::string>& overrides);

// The same plan with only the run that it has at `run_index`, and nothing else bound or checked:
// for who plays one run of a file that was found good as a whole.
[[nodiscard]] Result<Plan> plan_single_run(const Document& document,
                                           const std::map<std::string, std::string>& overrides,
                                           std::size_t run_index);

}  // namespace halfopen

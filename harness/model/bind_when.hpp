// `when: {axis-or-variable: value | [values]}`: does a step, an expectation, a link or a control
// belong to this run?
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "harness/model/document.hpp"
#include "harness/model/plan.hpp"
#include "harness/model/substitute.hpp"

namespace halfopen {

// What a run is told apart by.
struct RunTerms {
  std::vector<Axis> axes;
  std::map<std::string, std::string> cell;                  // axis -> value, of each axis
  Variables variables;                                      // resolved
  std::map<std::string, std::vector<std::string>> choices;  // variable -> the values it may have
};

// The item's `when` (true without one). An axis, a variable or a value that is not known is a
// Problem also where another part of the `when` already excludes the item.
[[nodiscard]] Result<bool> belongs_to_run(const Document& item, const RunTerms& terms);

}  // namespace halfopen

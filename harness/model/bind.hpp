// A substituted document into a Scenario: every name that is referred to exists, every expression
// parses, every time has a unit, and times that compete are far enough apart.
#pragma once

#include "harness/model/bind_when.hpp"
#include "harness/model/document.hpp"
#include "harness/model/scenario.hpp"

namespace halfopen {

// `document` is the whole file for this run: `set` applied, variables substituted.
[[nodiscard]] Result<Scenario> bind_scenario(const Document& document, const RunTerms& terms);

}  // namespace halfopen

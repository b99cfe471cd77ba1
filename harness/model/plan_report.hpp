// `report:`: the table over two axes, and whose story each cell tells.
#pragma once

#include "harness/model/document.hpp"
#include "harness/model/plan.hpp"

namespace halfopen {

// `plan` has its axes and its main runs: what the report refers to must be in each of them.
[[nodiscard]] Result<ReportSpec> read_report(const Document& map, const Plan& plan);

}  // namespace halfopen

// The matrix of causes by defences as text, and the diagnosis under it.
#pragma once

#include <cstddef>
#include <string>

#include "harness/model/diagnosis.hpp"
#include "harness/shell/report/junit.hpp"

namespace halfopen {

// Each cell, four lines: the first and second error, how and when the death was found, votes lost
// in the receiver's store and the time until votes flowed again. Where `width` columns do not hold
// the matrix it becomes a list. Empty when the plan has no `report`.
[[nodiscard]] std::string incident_table(const PlanResults& results, std::size_t width);

// Ranks the causes against the incident's own log, by what this run's undefended cells showed.
[[nodiscard]] std::string diagnosis_text(const PlanResults& results, std::size_t width);

}  // namespace halfopen

// The shapes of the scenario language, by what they are of. Each is made once and lives as long as
// the program.
#pragma once

#include <vector>

#include "harness/model/shape.hpp"

namespace halfopen {

// `when: {axis-or-variable: value | [values]}`, which steps, expectations, links and controls take.
[[nodiscard]] ShapeKey when_key();

// expect: shape_expectations.cpp
[[nodiscard]] const Shape& window_step_shape();  // {step: quiet}
[[nodiscard]] const Shape& sends_shape();
[[nodiscard]] const Shape& lost_votes_shape();
[[nodiscard]] const Shape& detected_by_shape();
[[nodiscard]] const Shape& expectation_shape();

}  // namespace halfopen

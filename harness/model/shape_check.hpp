// Reading what nobody in the harness acts on: a node's settings and a fault's attributes go to
// their programs as they are, but a misspelt key or a time without a unit is told here, with its
// place in the scenario.
#pragma once

#include <string>

#include "harness/model/document.hpp"
#include "harness/model/shape.hpp"

namespace halfopen {

// Every key is known, what is required is there, and each value is of its key's kind. `what`
// begins the messages: "node n1".
[[nodiscard]] Result<void> check_shape(const Document& document, const Shape& shape,
                                       const std::string& what);

}  // namespace halfopen

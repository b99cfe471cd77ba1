// The scenario language as a JSON Schema (draft 2020-12), made from its shapes: what `halfopen
// schema` prints, for editors to complete from and to check by. Where a value may be written as
// ${...} any text with one in it is allowed.
#pragma once

#include <boost/json/object.hpp>
#include <string>

namespace halfopen {

[[nodiscard]] boost::json::object scenario_schema();
// With line breaks and two spaces a level.
[[nodiscard]] std::string scenario_schema_text();

}  // namespace halfopen

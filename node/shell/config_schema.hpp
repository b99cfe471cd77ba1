// The configuration as a JSON Schema (draft 2020-12), for editors: what `vote-node schema` prints.
#pragma once

#include <boost/json/object.hpp>
#include <string>

namespace halfopen::node {

[[nodiscard]] boost::json::object config_schema();
// With line breaks and indentation.
[[nodiscard]] std::string config_schema_text();

}  // namespace halfopen::node

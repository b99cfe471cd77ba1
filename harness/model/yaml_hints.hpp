// What the YAML parser's own words mean for a person who mistyped, with what to do about it.
#pragma once

#include <string>
#include <string_view>

namespace halfopen {

// "not valid YAML: ..."; a message that is not known is passed on. `line` is the line of the text
// that the parser stopped at, "" where there is none.
[[nodiscard]] std::string yaml_hint(std::string_view message, std::string_view line);

}  // namespace halfopen

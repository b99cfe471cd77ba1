// All cases of the agreement suite, in the order in which they are reported.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "harness/model/conformance/case.hpp"

namespace halfopen::conformance {

[[nodiscard]] const std::vector<Case>& all_cases();

// Null when there is none of this id.
[[nodiscard]] const Case* find_case(const std::string& id);

// Those whose ids match one of the globs ("*" and "?"), in report order; all when there is no glob.
// Known differences only by their full ids. A Problem names the nearest ids when a glob matches
// nothing.
[[nodiscard]] Result<std::vector<const Case*>> select_cases(const std::vector<std::string>& globs);

}  // namespace halfopen::conformance

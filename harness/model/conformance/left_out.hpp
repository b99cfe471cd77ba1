// What the agreement suite does not compare, and why: said at the end of every report, so that
// silence is never taken for agreement.
#pragma once

#include <string>

namespace halfopen::conformance {

[[nodiscard]] std::string left_out_text();

}  // namespace halfopen::conformance

// The faults that a link can have, by the scenario's words. fault-proxy checks the attributes of
// its own; those of a lab (a real network, which a proxy cannot be) are checked here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/model/scenario.hpp"

namespace halfopen {

[[nodiscard]] const std::vector<std::string>& fault_types();
// True for one that only a real network has, such as loss in one direction.
[[nodiscard]] bool is_lab_fault(std::string_view type);
// True for one that shapes the bytes of a stream, of which a link may have several of a type.
// Beside its attributes it takes `stream` and `toxicity`.
[[nodiscard]] bool is_stream_fault(std::string_view type);
// Names the attribute that is wrong and what was expected.
[[nodiscard]] Result<void> check_lab_fault(const FaultSpec& fault);

}  // namespace halfopen

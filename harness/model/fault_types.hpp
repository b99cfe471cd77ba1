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
// True for one of which a link has one at a time: a middlebox has one fault of a type, as
// fault-proxy has; a stream may be shaped by several, and a cable may fail on each side.
[[nodiscard]] bool is_one_at_a_time(std::string_view type);
// What to write for a fault that other tools have under this name, or that a person may call so:
// `for the close of an idle balancer write {nat: {...}}`; "" where we know of none.
[[nodiscard]] std::string fault_in_our_words(std::string_view name);
// Names the attribute that is wrong and what was expected.
[[nodiscard]] Result<void> check_lab_fault(const FaultSpec& fault);

}  // namespace halfopen

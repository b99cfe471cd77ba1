// The reasons that a vote-node gives for a transition of a peer, so that a misspelt one is an error
// and not an expectation that never holds. As in node/core/reasons.inc; a test holds the two
// together.
#pragma once

#include <string>
#include <vector>

namespace halfopen {

[[nodiscard]] const std::vector<std::string>& transition_reasons();

}  // namespace halfopen

// Which mechanisms of an end could find a death, by its configuration alone: the formulas, each
// with its numbers and its source.
#pragma once

#include <string>
#include <vector>

#include "harness/model/prediction/defences.hpp"
#include "harness/model/prediction/prediction.hpp"

namespace halfopen {

// What is known of an end, besides its defences.
struct EndFacts {
  NodeDefences defences;
  bool dials = true;  // vote-node reads from whoever dialled it at all times
  unsigned retries2 = 15;
};

// Of a silent death, in the order of at_most. Without traffic times count from the last sign of
// life; with traffic from the first vote that was sent into the dead connection, too.
[[nodiscard]] std::vector<Finder> silence_finders(const EndFacts& facts, bool with_traffic);

// The one that comes first whatever silences the link; nothing: no mechanism would.
[[nodiscard]] const Finder* surest(const std::vector<Finder>& finders);

}  // namespace halfopen

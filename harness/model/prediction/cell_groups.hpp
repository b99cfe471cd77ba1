// Cells of a matrix that share one fate, said together: "cause=nat-drop|nat-reset, defence=any".
//
// A table of thirty cells has a handful of different answers. Cells with the same answer are merged
// along one axis at a time, so that what is named together is exactly what was asked.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "harness/model/plan.hpp"
#include "harness/model/prediction/prediction.hpp"

namespace halfopen {

struct FateGroup {
  Prediction widest;              // of the first member, with the bounds of all
  std::vector<std::size_t> runs;  // their places in `predictions`, in order
};
// One group for each fate of all ends, whatever its times; in the order of their first members.
[[nodiscard]] std::vector<FateGroup> group_by_fate(const std::vector<Prediction>& predictions);

using Cell = std::vector<std::pair<std::string, std::string>>;  // axis, value
// "box=any"; one text for each block of cells that cannot be merged any further.
[[nodiscard]] std::vector<std::string> cell_blocks(const std::vector<Axis>& axes,
                                                   const std::vector<Cell>& cells);

}  // namespace halfopen

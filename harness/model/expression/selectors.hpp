// Which series an expression reads: its selectors, wherever they stand in the tree.
#pragma once

#include <string>
#include <vector>

#include "harness/model/expression/syntax.hpp"
#include "harness/model/series.hpp"

namespace halfopen::expression {

struct Selectors {
  std::vector<const Selector*> all;  // live as long as the tree
  // absent(), absent_over_time() or present_over_time() stands in it: that a series is gone is an
  // answer.
  bool asks_for_presence = false;
};
[[nodiscard]] Selectors selectors_of(const Syntax& syntax);

// The metric's name is not looked at.
[[nodiscard]] bool selects(const Selector& selector, const SeriesLabels& labels);

// "" where there is no such label.
[[nodiscard]] std::string label_of(const SeriesLabels& labels, const std::string& label);

}  // namespace halfopen::expression

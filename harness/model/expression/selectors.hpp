// Which series an expression reads: its selectors, wherever they stand in the tree. That a series
// is gone is an answer to absent() and its like, so what stands inside those is kept apart.
#pragma once

#include <string>
#include <vector>

#include "harness/model/expression/syntax.hpp"
#include "harness/model/series.hpp"

namespace halfopen::expression {

// They live as long as the tree.
struct Selectors {
  std::vector<const Selector*>
      read;  // outside of absent(), absent_over_time(), present_over_time()
  std::vector<const Selector*> asked_to_be_absent;  // in absent(SELECTOR)
};
[[nodiscard]] Selectors selectors_of(const Syntax& syntax);

// `x == 0 or absent(x{node="n2"})`: if n2's series is gone the expression says itself what that
// means. An absent() that names no node does not: it is silent as long as one series is left.
[[nodiscard]] bool speaks_of_absence(const Selectors& selectors, const Selector& of,
                                     const SeriesLabels& labels);

// The metric's name is not looked at.
[[nodiscard]] bool selects(const Selector& selector, const SeriesLabels& labels);

// "" where there is no such label.
[[nodiscard]] std::string label_of(const SeriesLabels& labels, const std::string& label);

}  // namespace halfopen::expression

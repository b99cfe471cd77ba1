// The part of the grammar that is about series: selectors, and lists of labels.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "harness/model/expression/syntax.hpp"
#include "harness/model/expression/token_reader.hpp"

namespace halfopen::expression {

// What follows the metric's name: {matchers}, [range], offset.
[[nodiscard]] Result<Selector> parse_selector(TokenReader& tokens, std::string metric);

// (a, b, c) as after by, without, on and ignoring: in order, each once.
[[nodiscard]] Result<std::vector<std::string>> parse_label_list(TokenReader& tokens);

}  // namespace halfopen::expression

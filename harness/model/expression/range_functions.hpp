// What the functions over a range do with the samples in it. Pure arithmetic on one series; which
// samples are in the range is evaluator.cpp's to decide.
#pragma once

#include <optional>
#include <span>

#include "base/time.hpp"
#include "harness/model/expression/syntax.hpp"
#include "harness/model/series.hpp"

namespace halfopen::expression {

struct RangeWindow {
  Instant begin;
  Instant end;
};

// `samples` are those in the window, in time order, without stale ones. Nothing where the function
// needs more samples than there are (rate, increase and delta need two). `parameter` is the number
// that quantile_over_time takes.
[[nodiscard]] std::optional<double> over_range(Function function, std::span<const Sample> samples,
                                               const RangeWindow& window, double parameter);

}  // namespace halfopen::expression

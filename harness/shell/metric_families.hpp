// What metrics/names.inc says of the metrics that a run scrapes, in the model's words.
#pragma once

#include <vector>

#include "harness/model/open_metrics.hpp"

namespace halfopen {

// For open_metrics_text: the type and the sentence of every metric of our programs.
[[nodiscard]] std::vector<MetricFamily> metric_families();

}  // namespace halfopen

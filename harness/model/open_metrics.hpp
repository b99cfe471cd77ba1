// A run's samples as OpenMetrics text, with the time of each: what `promtool tsdb
// create-blocks-from openmetrics` makes a Prometheus of, so that a run can be looked at in Grafana
// after it is over.
#pragma once

#include <string>

#include "base/time.hpp"
#include "harness/model/series.hpp"

namespace halfopen {

// `wall_offset` is Unix time minus the run's monotonic time. Stale marks are left out: the format
// has none. Ends with "# EOF\n".
[[nodiscard]] std::string open_metrics_text(const SeriesStore& store, Duration wall_offset);

}  // namespace halfopen

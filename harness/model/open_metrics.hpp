// A run's samples as OpenMetrics text, with the time of each: what `promtool tsdb
// create-blocks-from openmetrics` makes a Prometheus of, so that a run can be looked at in Grafana
// after it is over.
//
// The text keeps the format's order: a family at a time, its metrics one after another, each in the
// order of time, and the samples of a histogram's moment together.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/time.hpp"
#include "harness/model/series.hpp"

namespace halfopen {

// What is known of a metric beyond its samples. The name is as it is scraped, such as
// votenode_votes_cast_total; of a histogram it is what stands before _bucket, _sum and _count.
struct MetricFamily {
  enum class Kind : std::uint8_t { kCounter, kGauge, kHistogram };
  std::string name;
  Kind kind = Kind::kGauge;
  std::string help;
};

// `wall_offset` is Unix time minus the run's monotonic time. Times are whole milliseconds, which is
// what Prometheus stores; of two samples of a series in one, the later is written. Stale marks are
// left out: the format has none. Metrics that are not in `known` are of type unknown. Ends with
// "# EOF\n".
[[nodiscard]] std::string open_metrics_text(const SeriesStore& store, Duration wall_offset,
                                            std::span<const MetricFamily> known = {});

}  // namespace halfopen

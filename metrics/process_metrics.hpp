// What this process costs, under the names that Prometheus' client libraries use for it.
//
// Read from /proc when it is asked for: a value of the last scrape would be as old as that.
#pragma once

#include "metrics/metric_set.hpp"

namespace halfopen {

class ProcessMetrics {
 public:
  explicit ProcessMetrics(MetricSet& set);
  void refresh();

 private:
  prometheus::Counter& cpu_seconds_;
  prometheus::Gauge& resident_bytes_;
  prometheus::Gauge& virtual_bytes_;
  prometheus::Gauge& descriptors_;
  prometheus::Gauge& descriptors_max_;
};

}  // namespace halfopen

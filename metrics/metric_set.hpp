// prometheus-cpp behind our table of names: a series can only be made from a MetricDefinition, and
// exists at 0 from the moment that it is declared.
//
// Not thread-safe beyond prometheus-cpp's own guarantees; each program uses one thread.
#pragma once

#include <prometheus/registry.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/names.hpp"

namespace halfopen {

using Labels = std::map<std::string, std::string>;

class MetricSet {
 public:
  MetricSet();

  // Each call finds or creates the series, at 0. The label names must be the definition's.
  prometheus::Counter& counter(const MetricDefinition& definition, const Labels& labels = {});
  prometheus::Gauge& gauge(const MetricDefinition& definition, const Labels& labels = {});
  // Buckets fit what idle connections do: 100 microseconds to 20 minutes.
  prometheus::Histogram& histogram(const MetricDefinition& definition, const Labels& labels = {});

  // Ends a counter or gauge: references to it are void. Does nothing if there is none.
  void remove(const MetricDefinition& definition, const Labels& labels);

  // Text exposition format 0.0.4.
  [[nodiscard]] std::string expose() const;

  static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

 private:
  std::shared_ptr<prometheus::Registry> registry_;
  std::map<std::string_view, prometheus::Family<prometheus::Counter>*> counters_;
  std::map<std::string_view, prometheus::Family<prometheus::Gauge>*> gauges_;
  std::map<std::string_view, prometheus::Family<prometheus::Histogram>*> histograms_;
};

}  // namespace halfopen

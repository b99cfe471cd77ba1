#include "harness/shell/metric_families.hpp"

#include <string>

#include "metrics/names.hpp"

namespace halfopen {
namespace {

MetricFamily::Kind kind_of(MetricKind kind) {
  switch (kind) {
    case MetricKind::kCounter:
      return MetricFamily::Kind::kCounter;
    case MetricKind::kGauge:
      return MetricFamily::Kind::kGauge;
    case MetricKind::kHistogram:
      return MetricFamily::Kind::kHistogram;
  }
  return MetricFamily::Kind::kGauge;
}

}  // namespace

std::vector<MetricFamily> metric_families() {
  std::vector<MetricFamily> families;
  for (const MetricDefinition& definition : all_metrics()) {
    families.push_back(
        {std::string(definition.name), kind_of(definition.kind), std::string(definition.help)});
  }
  return families;
}

}  // namespace halfopen

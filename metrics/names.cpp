#include "metrics/names.hpp"

namespace halfopen {

std::span<const MetricDefinition> all_metrics() {
  static constexpr std::array kAll{
#define HALFOPEN_METRIC(identifier, name, kind, labels, help) metric::identifier,
#include "metrics/names.inc"
#undef HALFOPEN_METRIC
  };
  return kAll;
}

}  // namespace halfopen

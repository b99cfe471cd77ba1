// Every metric's name, kind, labels and sentence, once. Scenarios, dashboards and alerts are
// written against these; a name that is not here does not exist.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace halfopen {

enum class MetricKind : std::uint8_t { kCounter, kGauge, kHistogram };

struct MetricDefinition {
  std::string_view name;
  MetricKind kind;
  std::string_view labels;  // comma-separated, as in "peer,reason"; empty for none
  std::string_view help;
};

namespace metric {

#define HALFOPEN_METRIC(identifier, name, kind, labels, help) \
  inline constexpr MetricDefinition identifier{name, MetricKind::kind, labels, help};
#include "metrics/names.inc"
#undef HALFOPEN_METRIC

}  // namespace metric

// All of them, in the order of the file.
[[nodiscard]] std::span<const MetricDefinition> all_metrics();

}  // namespace halfopen

#include "metrics/metric_set.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/text_serializer.h>

#include "base/assert.hpp"

namespace halfopen {
namespace {

// True when the keys of `labels` are exactly the comma-separated names of the definition.
bool labels_match(const MetricDefinition& definition, const Labels& labels) {
  std::size_t expected = 0;
  std::string_view rest = definition.labels;
  while (!rest.empty()) {
    const auto comma = rest.find(',');
    if (!labels.contains(std::string(rest.substr(0, comma)))) return false;
    ++expected;
    rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
  }
  return expected == labels.size();
}

template <class Family, class Build>
Family& family_of(std::map<std::string_view, Family*>& families, const MetricDefinition& definition,
                  const Labels& labels, MetricKind kind, Build build,
                  prometheus::Registry& registry) {
  HALFOPEN_ASSERT(definition.kind == kind);
  HALFOPEN_ASSERT(labels_match(definition, labels));
  auto& family = families[definition.name];
  if (family == nullptr) {
    family = &build()
                  .Name(std::string(definition.name))
                  .Help(std::string(definition.help))
                  .Register(registry);
  }
  return *family;
}

}  // namespace

MetricSet::MetricSet() : registry_(std::make_shared<prometheus::Registry>()) {}

prometheus::Counter& MetricSet::counter(const MetricDefinition& definition, const Labels& labels) {
  return family_of(counters_, definition, labels, MetricKind::kCounter, prometheus::BuildCounter,
                   *registry_)
      .Add(labels);
}

prometheus::Gauge& MetricSet::gauge(const MetricDefinition& definition, const Labels& labels) {
  return family_of(gauges_, definition, labels, MetricKind::kGauge, prometheus::BuildGauge,
                   *registry_)
      .Add(labels);
}

prometheus::Histogram& MetricSet::histogram(const MetricDefinition& definition,
                                            const Labels& labels) {
  static const prometheus::Histogram::BucketBoundaries kBuckets{
      0.0001, 0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1200};
  return family_of(histograms_, definition, labels, MetricKind::kHistogram,
                   prometheus::BuildHistogram, *registry_)
      .Add(labels, kBuckets);
}

void MetricSet::remove(const MetricDefinition& definition, const Labels& labels) {
  const auto remove_from = [&](auto& families) {
    const auto family = families.find(definition.name);
    if (family == families.end() || !family->second->Has(labels)) return;
    family->second->Remove(&family->second->Add(labels));
  };
  remove_from(counters_);
  remove_from(gauges_);
}

std::string MetricSet::expose() const {
  return prometheus::TextSerializer{}.Serialize(registry_->Collect());
}

}  // namespace halfopen

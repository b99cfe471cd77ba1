#include "proxy/shell/proxy_metrics.hpp"

#include "proxy/core/fault.hpp"

namespace halfopen {
namespace {

std::string_view to_text(ResetCause cause) {
  switch (cause) {
    case ResetCause::kNatExpiry:
      return "nat_expiry";
    case ResetCause::kNatNextPacket:
      return "nat_next_packet";
    case ResetCause::kRelayed:
      return "relayed";
    case ResetCause::kPeerRestart:
      return "peer_restart";
    case ResetCause::kResetOnNext:
      return "reset_on_next";
    case ResetCause::kAsymmetric:
      return "asymmetric";
    case ResetCause::kFlap:
      return "flap";
    case ResetCause::kStreamFault:
      return "stream_fault";
  }
  return "";
}

// What came from the client travels upstream.
std::string_view direction_from(LegId leg) {
  return leg == LegId::kClient ? "upstream" : "downstream";
}

}  // namespace

ProxyMetrics::ProxyMetrics(MetricSet& set, const std::string& proxy)
    : set_(set),
      proxy_(proxy),
      connections_(gauge(metric::kProxyConnections)),
      entries_(gauge(metric::kNatEntries)),
      sample_interval_(gauge(metric::kNatSampleInterval)),
      expired_(plain_counter(metric::kNatExpired)),
      bytes_from_client_(counter(metric::kProxyBytes, "direction", "upstream")),
      bytes_from_upstream_(counter(metric::kProxyBytes, "direction", "downstream")) {
  for (const char* outcome : {"connected", "upstream_refused", "upstream_timeout", "limit"}) {
    counter(metric::kProxyConnectionsTotal, "outcome", outcome);
  }
  for (const LegId leg : {LegId::kClient, LegId::kUpstream})
    count_dropped(leg, 0);
  for (const ResetCause cause :
       {ResetCause::kNatExpiry, ResetCause::kNatNextPacket, ResetCause::kRelayed,
        ResetCause::kPeerRestart, ResetCause::kStreamFault, ResetCause::kResetOnNext,
        ResetCause::kAsymmetric, ResetCause::kFlap}) {
    count_reset(cause, 0);
  }
  for (const RefreshCause cause : kRefreshCauses) {
    counter(metric::kNatRefresh, "cause", halfopen::to_text(cause));
  }
  for (const std::string_view type : fault_type_names()) {
    set_fault_active(type, false);
    count_fault_failure(type, 0);
  }
}

void ProxyMetrics::set_addresses(const std::string& listener, const std::string& upstream) {
  for (const MetricDefinition* definition :
       {&metric::kToxiproxyReceived, &metric::kToxiproxySent}) {
    std::erase_if(series_, [&](const auto& series) {
      if (series.first != definition) return false;
      set_.remove(*definition, series.second);
      return true;
    });
  }
  for (const LegId leg : {LegId::kClient, LegId::kUpstream}) {
    const Labels labels{{"direction", std::string(direction_from(leg))},
                        {"listener", listener},
                        {"upstream", upstream}};
    ToxiproxyCounters& counters = toxiproxy_.at(index_of(leg));
    counters.received =
        &set_.counter(metric::kToxiproxyReceived, note(metric::kToxiproxyReceived, labels));
    counters.sent = &set_.counter(metric::kToxiproxySent, note(metric::kToxiproxySent, labels));
  }
}

void ProxyMetrics::retire() {
  for (const auto& [definition, labels] : series_)
    set_.remove(*definition, labels);
  series_.clear();
}

Labels ProxyMetrics::note(const MetricDefinition& definition, Labels labels) {
  labels.emplace("proxy", proxy_);
  series_.emplace(&definition, labels);
  return labels;
}

prometheus::Gauge& ProxyMetrics::gauge(const MetricDefinition& definition, const Labels& more) {
  return set_.gauge(definition, note(definition, more));
}

prometheus::Counter& ProxyMetrics::plain_counter(const MetricDefinition& definition) {
  return set_.counter(definition, note(definition, {}));
}

prometheus::Counter& ProxyMetrics::counter(const MetricDefinition& definition, const char* label,
                                           std::string_view value) {
  return set_.counter(definition, note(definition, {{label, std::string(value)}}));
}

void ProxyMetrics::count_outcome(std::string_view outcome) {
  counter(metric::kProxyConnectionsTotal, "outcome", outcome).Increment();
}

void ProxyMetrics::count_moved(LegId from, std::size_t received, std::size_t relayed) {
  (from == LegId::kClient ? bytes_from_client_ : bytes_from_upstream_)
      .Increment(static_cast<double>(relayed));
  const ToxiproxyCounters& counters = toxiproxy_.at(index_of(from));
  counters.received->Increment(static_cast<double>(received));
  counters.sent->Increment(static_cast<double>(relayed));
}

void ProxyMetrics::count_dropped(LegId from, std::uint32_t segments) {
  counter(metric::kProxySegmentsDropped, "direction", direction_from(from)).Increment(segments);
}

void ProxyMetrics::count_reset(ResetCause cause, int count) {
  counter(metric::kProxyResets, "cause", to_text(cause)).Increment(count);
}

void ProxyMetrics::count_refresh(RefreshCause cause) {
  counter(metric::kNatRefresh, "cause", halfopen::to_text(cause)).Increment();
}

void ProxyMetrics::count_fault_failure(std::string_view type, int count) {
  counter(metric::kFaultFailures, "fault", type).Increment(count);
}

void ProxyMetrics::set_fault_active(std::string_view type, bool active) {
  gauge(metric::kFaultActive, {{"fault", std::string(type)}}).Set(active ? 1 : 0);
}

}  // namespace halfopen

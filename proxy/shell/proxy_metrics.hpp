// The metric series of one proxy, all at 0 from its creation.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>

#include <array>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "metrics/metric_set.hpp"
#include "proxy/core/nat_look.hpp"
#include "proxy/shell/leg.hpp"

namespace halfopen {

enum class ResetCause : std::uint8_t {
  kNatExpiry,
  kNatNextPacket,
  kRelayed,
  kPeerRestart,
  kStreamFault,
  kResetOnNext,
  kAsymmetric,
  kFlap,
};

class ProxyMetrics {
 public:
  ProxyMetrics(MetricSet& set, const std::string& proxy);

  // The labels of Toxiproxy's two counters, which begin at 0 with every change of them.
  void set_addresses(const std::string& listener, const std::string& upstream);
  // Takes all series of the proxy out of the set; nothing may be counted afterwards.
  void retire();

  void set_connections(std::size_t count) { connections_.Set(static_cast<double>(count)); }
  // connected, upstream_refused, upstream_timeout or limit.
  void count_outcome(std::string_view outcome);
  // Bytes that were read from this leg, and bytes of it that the other leg has taken.
  void count_moved(LegId from, std::size_t received, std::size_t relayed);
  void count_dropped(LegId from, std::uint32_t segments);
  void count_reset(ResetCause cause, int count = 1);
  void count_refresh(RefreshCause cause);
  void count_expired() { expired_.Increment(); }
  void set_nat_entries(std::size_t count) { entries_.Set(static_cast<double>(count)); }
  void set_sample_interval(Duration interval) { sample_interval_.Set(to_seconds(interval)); }
  // The fault was to do something to a connection or the listener, and could not.
  void count_fault_failure(std::string_view type, int count = 1);
  void set_fault_active(std::string_view type, bool active);

 private:
  prometheus::Gauge& gauge(const MetricDefinition& definition, const Labels& more = {});
  prometheus::Counter& plain_counter(const MetricDefinition& definition);
  // The labels with the proxy's own, noted for retire().
  Labels note(const MetricDefinition& definition, Labels labels);
  prometheus::Counter& counter(const MetricDefinition& definition, const char* label,
                               std::string_view value);

  MetricSet& set_;
  std::string proxy_;
  std::set<std::pair<const MetricDefinition*, Labels>> series_;
  prometheus::Gauge& connections_;
  prometheus::Gauge& entries_;
  prometheus::Gauge& sample_interval_;
  prometheus::Counter& expired_;
  // Counted on every read, so they are not looked up by name.
  prometheus::Counter& bytes_from_client_;
  prometheus::Counter& bytes_from_upstream_;
  // The same bytes in Toxiproxy's words, by the leg that they come from.
  struct ToxiproxyCounters {
    prometheus::Counter* received = nullptr;
    prometheus::Counter* sent = nullptr;
  };
  std::array<ToxiproxyCounters, 2> toxiproxy_;
};

}  // namespace halfopen

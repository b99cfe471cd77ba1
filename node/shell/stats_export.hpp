// The node's metrics, kept up to date by its own thread as things happen: a scrape only reads.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>

#include "metrics/metric_set.hpp"
#include "node/core/action.hpp"
#include "node/shell/config.hpp"
#include "node/shell/group_commit.hpp"
#include "node/shell/witness.hpp"

namespace halfopen::node {

class StatsExport {
 public:
  // Declares every series of every configured peer at 0.
  StatsExport(const NodeConfig& config, MetricSet& metrics);

  // Those that are new begin at 0.
  void add_peers(const NodeConfig& config);
  // Those that are not in it lose their gauges: nothing is told of them any more.
  void remove_peers(const NodeConfig& config);
  void vote_refused(CastRefusal refusal);
  // What the store's own thread counts, and entries that it has not answered.
  void store(const StoreStatistics& statistics, std::size_t waiting);
  void tell(const WitnessedNote& witnessed, Instant now, double wall_seconds);
  // What the kernel says of the peer's connection; nothing when there is none.
  void tcp_info(const std::string& peer, const std::optional<TcpInfo>& info);

 private:
  struct Visitor;
  // What every vote moves, looked up by its labels once: that costs more than counting.
  struct VoteSeries {
    prometheus::Counter& sent;
    prometheus::Counter& resent;
    prometheus::Counter& acked;
    prometheus::Histogram& ack_seconds;
    prometheus::Gauge& outbox;
    prometheus::Gauge& last_received;
    std::array<prometheus::Counter*, note::kReceivedCount> received;
  };

  [[nodiscard]] VoteSeries& votes_of(const std::string& peer);
  void declare(const NodeConfig& config, const PeerSettings& peer);
  void declare_transitions(const NodeConfig& config, const PeerSettings& peer);
  void count_transition(const note::Transition& note, const WitnessedNote& witnessed, Instant now,
                        double wall_seconds);
  prometheus::Counter& transitions(const std::string& peer, PeerState from, PeerState to,
                                   Reason reason);

  MetricSet& metrics_;
  std::map<std::string, VoteSeries> votes_;
  prometheus::Counter& votes_cast_;
  StoreStatistics counted_;                    // what the counters of the store stand at
  std::map<std::string, Instant> life_ended_;  // of peers that were up and are not
};

}  // namespace halfopen::node

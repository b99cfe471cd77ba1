#include "node/shell/stats_export.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>

#include <algorithm>
#include <array>

namespace halfopen::node {
namespace {

constexpr std::array kStates{PeerState::kIdle,    PeerState::kDialing, PeerState::kHandshaking,
                             PeerState::kHealthy, PeerState::kSuspect, PeerState::kBackoff,
                             PeerState::kClosed};
static_assert(kStates.size() == kPeerStateCount);

constexpr std::array kAbandonments{note::Abandoned::kNoConnection, note::Abandoned::kOutboxFull,
                                   note::Abandoned::kSendFailed,   note::Abandoned::kAckTimeout,
                                   note::Abandoned::kRejected,     note::Abandoned::kRemoved};
static_assert(kAbandonments.size() == note::kAbandonedCount);

constexpr std::array kOutcomes{note::Received::kStored, note::Received::kDuplicate,
                               note::Received::kRejected};
static_assert(kOutcomes.size() == note::kReceivedCount);

constexpr std::array kDeaths{Reason::kKeepaliveTimeout,
                             Reason::kUserTimeout,
                             Reason::kRetransmissionTimeout,
                             Reason::kPingTimeout,
                             Reason::kAckTimeout,
                             Reason::kReset,
                             Reason::kBrokenPipe,
                             Reason::kEof,
                             Reason::kReplaced,
                             Reason::kShutdown,
                             Reason::kHandshakeFailed};

const std::array kPeerGauges{
    metric::kPeerUp, metric::kPeerLastTransition, metric::kPeerLastReceived, metric::kOutboxVotes,
    metric::kTcpRtt, metric::kTcpRetransmits,     metric::kTcpUnacked,       metric::kTcpProbes};

std::string text(std::string_view view) {
  return std::string(view);
}

Labels peer_label(const std::string& peer) {
  return {{"peer", peer}};
}

}  // namespace

StatsExport::StatsExport(const NodeConfig& config, MetricSet& metrics)
    : metrics_(metrics), votes_cast_(metrics.counter(metric::kVotesCast)) {
  metrics_
      .gauge(metric::kNodeInfo, {{"name", config.node.name},
                                 {"version", HALFOPEN_VERSION},
                                 {"preset", text(name_of(config.preset))}})
      .Set(1);
  store({}, 0);
  for (const CastRefusal refusal :
       {CastRefusal::kConflict, CastRefusal::kForgotten, CastRefusal::kOutboxFull,
        CastRefusal::kStoreFailed, CastRefusal::kStopping}) {
    metrics_.counter(metric::kVotesRefused, {{"reason", text(name_of(refusal))}});
  }
  for (const VoteKind kind : {VoteKind::kPrevote, VoteKind::kPrecommit})
    metrics_.counter(metric::kQuorums, {{"kind", text(name_of(kind))}});
  for (const PeerSettings& peer : config.node.peers)
    declare(config, peer);
}

void StatsExport::declare(const NodeConfig& config, const PeerSettings& peer) {
  const Labels label = peer_label(peer.name);
  for (const auto& definition : kPeerGauges)
    metrics_.gauge(definition, label);
  (void)votes_of(peer.name);
  for (const auto& definition :
       {metric::kVotesSent, metric::kVotesAcked, metric::kVotesResent, metric::kEquivocations}) {
    metrics_.counter(definition, label);
  }
  for (const auto& definition :
       {metric::kPeerDialSeconds, metric::kPeerPingRtt, metric::kPeerOutage, metric::kPeerDetection,
        metric::kVoteAckSeconds}) {
    metrics_.histogram(definition, label);
  }
  const auto counters = [&](const MetricDefinition& definition, const std::string& key,
                            std::initializer_list<std::string_view> values) {
    for (const auto value : values) {
      metrics_.counter(definition, {{"peer", peer.name}, {key, text(value)}});
    }
  };
  counters(metric::kPeerConnectionsOpened, "direction", {"outbound", "inbound"});
  counters(metric::kPeerDials, "outcome",
           {"connected", "refused", "timeout", "unreachable", "failed"});
  counters(metric::kPeerPings, "outcome", {"sent", "answered", "timeout"});
  counters(metric::kVotesReceived, "outcome", {"stored", "duplicate", "rejected"});
  for (const auto reason : kAbandonments) {
    counters(metric::kVotesAbandoned, "reason", {name_of(reason)});
  }
  for (const Reason reason : kDeaths) {
    counters(metric::kPeerConnectionsClosed, "reason", {name_of(reason)});
  }
  for (const PeerState state : kStates) {
    metrics_.gauge(metric::kPeerState, {{"peer", peer.name}, {"state", text(name_of(state))}})
        .Set(state == PeerState::kIdle ? 1 : 0);
  }
  declare_transitions(config, peer);
}

// The usual ways; the unusual ones appear when they are first taken.
void StatsExport::declare_transitions(const NodeConfig& config, const PeerSettings& peer) {
  using enum PeerState;
  if (!peer.dials) {
    transitions(peer.name, kIdle, kHealthy, Reason::kHello);
  } else {
    transitions(peer.name, kIdle, kDialing, Reason::kStart);
    transitions(peer.name, kDialing, kHandshaking, Reason::kConnected);
    transitions(peer.name, kHandshaking, kHealthy, Reason::kHello);
    transitions(peer.name, kDialing, kBackoff, Reason::kRefused);
    transitions(peer.name, kDialing, kBackoff, Reason::kDialTimeout);
    transitions(peer.name, kBackoff, kDialing, Reason::kRetryDue);
  }
  const bool reconnects = config.node.defences.reconnect.enabled;
  const PeerState after_death = !peer.dials ? kIdle : reconnects ? kBackoff : kClosed;
  for (const Reason reason : kDeaths) {
    if (reason == Reason::kHandshakeFailed) continue;
    const bool closes = reason == Reason::kShutdown;
    transitions(peer.name, kHealthy, closes ? kClosed : after_death, reason);
  }
}

prometheus::Counter& StatsExport::transitions(const std::string& peer, PeerState from, PeerState to,
                                              Reason reason) {
  return metrics_.counter(metric::kPeerTransitions, {{"peer", peer},
                                                     {"from", text(name_of(from))},
                                                     {"to", text(name_of(to))},
                                                     {"reason", text(name_of(reason))}});
}

StatsExport::VoteSeries& StatsExport::votes_of(const std::string& peer) {
  const auto found = votes_.find(peer);
  if (found != votes_.end()) return found->second;
  const Labels label = peer_label(peer);
  VoteSeries series{metrics_.counter(metric::kVotesSent, label),
                    metrics_.counter(metric::kVotesResent, label),
                    metrics_.counter(metric::kVotesAcked, label),
                    metrics_.histogram(metric::kVoteAckSeconds, label),
                    metrics_.gauge(metric::kOutboxVotes, label),
                    metrics_.gauge(metric::kPeerLastReceived, label),
                    {}};
  for (const note::Received outcome : kOutcomes) {
    series.received.at(static_cast<std::size_t>(outcome)) = &metrics_.counter(
        metric::kVotesReceived, {{"peer", peer}, {"outcome", text(name_of(outcome))}});
  }
  return votes_.emplace(peer, series).first->second;
}

void StatsExport::add_peers(const NodeConfig& config) {
  for (const PeerSettings& peer : config.node.peers) {
    if (!votes_.contains(peer.name)) declare(config, peer);
  }
}

void StatsExport::remove_peers(const NodeConfig& config) {
  const auto& peers = config.node.peers;
  for (auto known = votes_.begin(); known != votes_.end();) {
    const std::string peer = known->first;
    const bool stays = std::any_of(peers.begin(), peers.end(), [&](const PeerSettings& settings) {
      return settings.name == peer;
    });
    if (stays) {
      ++known;
      continue;
    }
    known = votes_.erase(known);  // first: it refers to what is removed now
    life_ended_.erase(peer);
    for (const auto& definition : kPeerGauges)
      metrics_.remove(definition, peer_label(peer));
    for (const PeerState state : kStates)
      metrics_.remove(metric::kPeerState, {{"peer", peer}, {"state", text(name_of(state))}});
  }
}

void StatsExport::vote_refused(CastRefusal refusal) {
  metrics_.counter(metric::kVotesRefused, {{"reason", text(name_of(refusal))}}).Increment();
}

void StatsExport::store(const StoreStatistics& statistics, std::size_t waiting) {
  const auto raise = [&](const MetricDefinition& definition, std::uint64_t from, std::uint64_t to) {
    metrics_.counter(definition).Increment(static_cast<double>(to - from));
  };
  raise(metric::kStoreCommits, counted_.commits, statistics.commits);
  raise(metric::kStoreEntries, counted_.entries, statistics.entries);
  raise(metric::kStoreFailedCommits, counted_.failed_commits, statistics.failed_commits);
  raise(metric::kStoreRefusedEntries, counted_.refused_entries, statistics.refused_entries);
  metrics_.gauge(metric::kStoreWaiting).Set(static_cast<double>(waiting));
  metrics_.gauge(metric::kStoreLastCommit).Set(to_seconds(statistics.last_commit));
  counted_ = statistics;
}

void StatsExport::tcp_info(const std::string& peer, const std::optional<TcpInfo>& info) {
  const TcpInfo known = info.value_or(TcpInfo{});
  const Labels label = peer_label(peer);
  metrics_.gauge(metric::kTcpRtt, label).Set(known.rtt_microseconds / 1e6);
  metrics_.gauge(metric::kTcpRetransmits, label).Set(known.retransmits);
  metrics_.gauge(metric::kTcpUnacked, label).Set(known.unacked_segments);
  metrics_.gauge(metric::kTcpProbes, label).Set(known.probes);
}

void StatsExport::count_transition(const note::Transition& note, const WitnessedNote& witnessed,
                                   Instant now, double wall_seconds) {
  transitions(note.peer, note.from, note.to, note.reason).Increment();
  const auto state_gauge = [&](PeerState state) -> prometheus::Gauge& {
    return metrics_.gauge(metric::kPeerState,
                          {{"peer", note.peer}, {"state", text(name_of(state))}});
  };
  state_gauge(note.from).Set(0);
  state_gauge(note.to).Set(1);
  const Labels label = peer_label(note.peer);
  metrics_.gauge(metric::kPeerUp, label).Set(is_up(note.to) ? 1 : 0);
  metrics_.gauge(metric::kPeerLastTransition, label).Set(wall_seconds);
  if (is_up(note.from) && !is_up(note.to)) life_ended_[note.peer] = now - witnessed.since_life;
  if (is_death(note)) {
    metrics_.histogram(metric::kPeerDetection, label).Observe(to_seconds(witnessed.since_life));
  }
  if (is_up(note.to) && !is_up(note.from)) {
    const auto ended = life_ended_.find(note.peer);
    if (ended == life_ended_.end()) return;
    metrics_.histogram(metric::kPeerOutage, label).Observe(to_seconds(now - ended->second));
    life_ended_.erase(ended);
  }
}

// One overload a note, no catch-all: a new kind of note does not compile until it is decided here.
struct StatsExport::Visitor {
  StatsExport& self;
  MetricSet& metrics;
  const WitnessedNote& witnessed;
  Instant now;
  double wall_seconds;
  void operator()(const note::Transition& note) const {
    self.count_transition(note, witnessed, now, wall_seconds);
  }
  void operator()(const note::ConnectionOpened& note) const {
    metrics
        .counter(metric::kPeerConnectionsOpened,
                 {{"peer", note.peer}, {"direction", text(name_of(note.direction))}})
        .Increment();
  }
  void operator()(const note::ConnectionClosed& note) const {
    // A stranger's name is not a label: a thousand of them would be a thousand series.
    metrics
        .counter(metric::kPeerConnectionsClosed,
                 {{"peer", note.peer.empty() ? "unknown" : note.peer},
                  {"reason", text(name_of(note.reason))}})
        .Increment();
  }
  void operator()(const note::DialEnded& note) const {
    metrics.counter(metric::kPeerDials, {{"peer", note.peer}, {"outcome", text(note.outcome)}})
        .Increment();
    metrics.histogram(metric::kPeerDialSeconds, peer_label(note.peer))
        .Observe(to_seconds(note.took));
  }
  void operator()(const note::Broadcast&) const {}
  void operator()(const note::VoteCast&) const { self.votes_cast_.Increment(); }
  void operator()(const note::EquivocationFound& note) const {
    metrics.counter(metric::kEquivocations, peer_label(note.peer)).Increment();
  }
  void operator()(const note::QuorumReached& note) const {
    metrics.counter(metric::kQuorums, {{"kind", text(name_of(note.slot.kind))}}).Increment();
  }
  void operator()(const note::VoteSent& note) const {
    VoteSeries& votes = self.votes_of(note.peer);
    votes.sent.Increment();
    if (note.attempt > 1) votes.resent.Increment();
  }
  void operator()(const note::VoteAcked& note) const {
    VoteSeries& votes = self.votes_of(note.peer);
    votes.acked.Increment();
    votes.ack_seconds.Observe(to_seconds(note.since_first_send));
  }
  void operator()(const note::VoteReceived& note) const {
    self.votes_of(note.peer).received.at(static_cast<std::size_t>(note.outcome))->Increment();
  }
  void operator()(const note::VoteAbandoned& note) const {
    metrics
        .counter(metric::kVotesAbandoned,
                 {{"peer", note.peer}, {"reason", text(name_of(note.reason))}})
        .Increment();
  }
  void operator()(const note::PingNoted& note) const {
    metrics
        .counter(metric::kPeerPings,
                 {{"peer", text(note.peer)}, {"outcome", text(name_of(note.step))}})
        .Increment();
    if (note.step != note::PingStep::kAnswered) return;
    metrics.histogram(metric::kPeerPingRtt, peer_label(text(note.peer)))
        .Observe(to_seconds(note.round_trip));
  }
  void operator()(const note::OutboxChanged& note) const {
    self.votes_of(note.peer).outbox.Set(static_cast<double>(note.votes));
  }
  void operator()(const note::BytesCame& note) const {
    self.votes_of(text(note.peer)).last_received.Set(wall_seconds);
  }
};

void StatsExport::tell(const WitnessedNote& witnessed, Instant now, double wall_seconds) {
  std::visit(Visitor{*this, metrics_, witnessed, now, wall_seconds}, witnessed.note);
}

}  // namespace halfopen::node

#include "node/shell/peer_history.hpp"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

#include "metrics/clock.hpp"

namespace halfopen::node {
namespace {

using boost::json::object;

std::int64_t milliseconds_of(Duration duration) {
  return std::chrono::round<std::chrono::milliseconds>(duration).count();
}

}  // namespace

object to_json(const PastTransition& transition) {
  object out{{"wall", transition.wall},
             {"mono_ns", transition.at.nanoseconds()},
             {"from", name_of(transition.from)},
             {"to", name_of(transition.to)},
             {"reason", name_of(transition.reason)},
             {"reason_text", sentence_of(transition.reason)},
             {"since_life_ms", milliseconds_of(transition.since_life)}};
  if (transition.connection) out["conn"] = transition.connection->value();
  out["errno"] = errno_name(transition.error);
  if (const auto& evidence = transition.evidence) {
    out["operation"] = evidence->operation;
    out["second_errno"] = errno_name(evidence->second_error);
    out["so_error"] = errno_name(evidence->so_error);
    out["idle_ms"] = milliseconds_of(evidence->idle);
    if (evidence->tcp_info) out["tcp_info"] = halfopen::to_json(*evidence->tcp_info);
  }
  return out;
}

void PeerHistory::set_peers(const NodeConfig& config, Instant now) {
  const auto& wanted = config.node.peers;
  std::erase_if(peers_, [&](const auto& entry) {
    return std::none_of(wanted.begin(), wanted.end(),
                        [&](const PeerSettings& peer) { return peer.name == entry.first; });
  });
  for (const PeerSettings& peer : wanted)
    peers_.try_emplace(peer.name, now);
}

namespace {

void forget_one(std::deque<PastTransition>& transitions) {
  const auto oldest_try =
      std::find_if(transitions.begin(), transitions.end(),
                   [](const PastTransition& past) { return !is_up(past.from) && !is_up(past.to); });
  transitions.erase(oldest_try == transitions.end() ? transitions.begin() : oldest_try);
}

}  // namespace

struct PeerHistory::Visitor {
  PeerHistory& self;
  const WitnessedNote& witnessed;
  Instant now;

  [[nodiscard]] PeerStanding* standing(std::string_view peer) const {
    const auto found = self.peers_.find(peer);
    return found == self.peers_.end() ? nullptr : &found->second;
  }
  void operator()(const note::Transition& note) const {
    PeerStanding* peer = standing(note.peer);
    if (peer == nullptr) return;
    peer->since = now;
    peer->reason = note.reason;
    if (!is_up(note.to)) {
      peer->direction.reset();
      peer->ping_round_trip.reset();
    }
    peer->transitions.push_back({.wall = wall_text(),
                                 .at = now,
                                 .from = note.from,
                                 .to = note.to,
                                 .reason = note.reason,
                                 .connection = note.connection,
                                 .error = note.error,
                                 .since_life = witnessed.since_life,
                                 .evidence = std::nullopt});
    if (witnessed.evidence != nullptr) peer->transitions.back().evidence = *witnessed.evidence;
    if (peer->transitions.size() > kTransitionsMax) forget_one(peer->transitions);
  }
  void operator()(const note::ConnectionOpened& note) const {
    if (PeerStanding* peer = standing(note.peer)) peer->direction = note.direction;
  }
  void operator()(const note::PingNoted& note) const {
    if (note.step != note::PingStep::kAnswered) return;
    if (PeerStanding* peer = standing(std::string(note.peer))) {
      peer->ping_round_trip = note.round_trip;
    }
  }
  void operator()(const auto&) const {}  // other notes are no part of a history
};

void PeerHistory::tell(const WitnessedNote& witnessed, Instant now) {
  std::visit(Visitor{*this, witnessed, now}, witnessed.note);
}

void PeerHistory::tcp_info(const std::string& peer, const std::optional<TcpInfo>& info) {
  const auto found = peers_.find(peer);
  if (found != peers_.end()) found->second.tcp_info = info;
}

const PeerStanding* PeerHistory::find(const std::string& peer) const {
  const auto found = peers_.find(peer);
  return found == peers_.end() ? nullptr : &found->second;
}

}  // namespace halfopen::node

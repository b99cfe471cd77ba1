#include "node/core/node.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "node/core/limits.hpp"

namespace halfopen::node {

namespace {

// What nobody outside can know. A program may leave the seed at its default, but not the key.
std::uint64_t secret_of(const NodeSettings& settings) {
  HALFOPEN_ASSERT(settings.key.has_value());
  std::uint64_t secret = settings.seed;
  for (std::size_t i = 0; i < sizeof secret; ++i)
    secret ^= std::uint64_t{settings.key->seed()[i]} << (8 * i);
  return secret;
}

}  // namespace

Node::Node(NodeSettings settings)
    : settings_(std::move(settings)),
      stranger_limit_(secret_of(settings_)),
      ledger_(settings_.retention_votes),
      tally_(0) {
  HALFOPEN_ASSERT(settings_.peers.size() <= kPeersMax);
  for (const PeerSettings& peer : settings_.peers)
    add_peer(peer);
  tally_.set_total_weight(total_weight());
}

void Node::add_peer(const PeerSettings& settings) {
  // With both names: most nodes have the same seed, and those that lost one peer together must not
  // draw the same waiting times.
  const Prng prng = Prng{settings_.seed}.fork("backoff " + settings_.name + " " + settings.name);
  peers_.emplace_back(settings, settings_, prng, outputs_);
}

std::uint64_t Node::total_weight() const {
  std::uint64_t total = settings_.weight;
  for (const Peer& peer : peers_)
    total += peer.settings().weight;
  return total;
}

std::uint64_t Node::weight_of(const PublicKey& voter) const {
  if (voter == own_key()) return settings_.weight;
  for (const Peer& peer : peers_) {
    if (peer.settings().key == voter) return peer.settings().weight;
  }
  return 0;  // it was configured once
}

void Node::start(Instant now) {
  now_ = now;
  for (Peer& peer : peers_)
    peer.start(now);
}

void Node::handle(const Event& event, Instant now) {
  HALFOPEN_ASSERT(now >= now_);
  now_ = now;
  if (stopped_) return;
  std::visit([&](const auto& content) { on(content, now); }, event);
  for (Peer& peer : peers_)
    peer.settle(now);
  for (Peer& peer : peers_)
    collect_settled(peer);
  finish_drain(now);
}

std::optional<Action> Node::poll_action() {
  return outputs_.actions.take();
}

std::optional<Instant> Node::next_deadline() const {
  if (stopped_) return std::nullopt;
  std::optional<Instant> next = drain_deadline_;
  const auto consider = [&](std::optional<Instant> at) {
    if (at && (!next || *at < *next)) next = at;
  };
  for (const Peer& peer : peers_)
    consider(peer.next_deadline(now_));
  for (const auto& [connection, stranger] : strangers_)
    consider(stranger.deadline);
  return next;
}

void Node::on(const TimePassed&, Instant now) {
  for (Peer& peer : peers_)
    peer.on_time(now);
  std::vector<ConnectionId> late;
  for (const auto& [connection, stranger] : strangers_) {
    if (now >= stranger.deadline) late.push_back(connection);
  }
  for (const ConnectionId connection : late) {
    turn_away(connection, Reason::kHandshakeFailed, 0);
  }
}

void Node::on(const DialSucceeded& event, Instant now) {
  if (Peer* peer = peer_of(event.connection)) peer->on_dial_succeeded(now);
}

void Node::on(const DialFailed& event, Instant now) {
  if (Peer* peer = peer_of(event.connection)) peer->on_dial_failed(event.error, now);
}

void Node::on(const ConnectionAccepted& event, Instant now) {
  if (is_stopping()) return turn_away(event.connection, Reason::kShutdown, 0);
  if (!stranger_limit_.admit(event.source, now)) {
    return turn_away(event.connection, Reason::kRateLimited, 0);
  }
  // The oldest one goes: an honest peer says hello within a few round trips, and must find a place
  // although silent strangers have taken them all.
  if (strangers_.size() >= kUnknownConnectionsMax) {
    turn_away(strangers_.begin()->first, Reason::kTooManyConnections, 0);
  }
  strangers_.emplace(event.connection,
                     Stranger{FrameReader{}, now + kHandshakeDeadline, std::nullopt});
  outputs_.actions.emplace_back(SetReading{event.connection, true});
}

void Node::on(const Secured& event, Instant) {
  const auto stranger = strangers_.find(event.connection);
  if (stranger != strangers_.end()) stranger->second.key = event.key;
}

void Node::on(const HandshakeFailed& event, Instant now) {
  lose(event.connection, event.reason, 0, now);
}

void Node::on(const BytesReceived& event, Instant now) {
  if (strangers_.contains(event.connection)) {
    return greet_stranger(event.connection, event.bytes, now);
  }
  if (Peer* peer = peer_of(event.connection)) {
    peer->on_bytes(event.bytes, now);
    take_votes(*peer, now);
  }
}

void Node::greet_stranger(ConnectionId connection, std::span<const std::uint8_t> bytes,
                          Instant now) {
  Stranger& stranger = strangers_.at(connection);
  stranger.reader.push(bytes);
  auto next = stranger.reader.next();
  if (next.has_error()) return turn_away(connection, Reason::kProtocolError, 0);
  if (!next->has_value()) return;
  const auto* hello = std::get_if<Hello>(&**next);
  if (hello == nullptr) return turn_away(connection, Reason::kProtocolError, 0);
  if (hello->version != kProtocolVersion) return turn_away(connection, Reason::kWrongVersion, 0);
  if (hello->network != settings_.network) return turn_away(connection, Reason::kWrongNetwork, 0);
  Peer* peer = peer_named(hello->name);
  if (peer == nullptr) return turn_away(connection, Reason::kUnknownPeer, 0);
  if (settings_.authenticates && stranger.key != peer->settings().key) {
    return turn_away(connection, Reason::kWrongKey, 0);
  }
  FrameReader reader = std::move(stranger.reader);
  if (!peer->adopt(connection, std::move(reader), now)) {
    return turn_away(connection, Reason::kTieBreak, 0, peer->name());
  }
  strangers_.erase(connection);
  take_votes(*peer, now);  // whatever came behind the hello
}

void Node::turn_away(ConnectionId connection, Reason reason, int error, const std::string& peer) {
  strangers_.erase(connection);
  note(note::ConnectionClosed{peer, connection, reason, error, false, outputs_.pool_size});
  outputs_.actions.emplace_back(Close{connection});
}

void Node::on(const StreamEnded& event, Instant now) {
  lose(event.connection, Reason::kEof, 0, now);
}

void Node::on(const ConnectionFailed& event, Instant now) {
  const Reason reason = reason_of_failure(event.facts, settings_.defences.user_timeout.enabled);
  lose(event.connection, reason, event.facts.error, now);
}

void Node::lose(ConnectionId connection, Reason reason, int error, Instant now) {
  if (strangers_.contains(connection)) return turn_away(connection, reason, error);
  if (Peer* peer = peer_of(connection)) peer->on_lost(reason, error, now);
}

void Node::on(const VoteWritten& event, Instant) {
  if (Peer* peer = peer_of(event.connection)) peer->on_written(event.vote);
}

void Node::on(const PeersChanged& event, Instant now) {
  HALFOPEN_ASSERT(event.peers.size() <= kPeersMax);
  if (is_stopping()) return;
  for (auto peer = peers_.begin(); peer != peers_.end();) {
    const auto same = std::find_if(event.peers.begin(), event.peers.end(), [&](const auto& wanted) {
      return wanted.name == peer->name() && wanted.key == peer->settings().key;
    });
    if (same != event.peers.end()) {
      peer->change(*same, now);
      ++peer;
      continue;
    }
    peer->remove(now);
    collect_settled(*peer);
    peer = peers_.erase(peer);
  }
  for (const PeerSettings& settings : event.peers) {
    if (peer_named(settings.name) != nullptr) continue;
    add_peer(settings);
    peers_.back().start(now);
  }
  settings_.peers = event.peers;
  tally_.set_total_weight(total_weight());
}

void Node::on(const ShutdownRequested& event, Instant now) {
  if (!drain_deadline_) drain_deadline_ = now + settings_.drain_timeout;
  if (event.at_once) drain_deadline_ = now;
}

void Node::finish_drain(Instant now) {
  if (!drain_deadline_) return;
  const bool waiting =
      !pending_.empty() || std::any_of(peers_.begin(), peers_.end(), [&](const Peer& peer) {
        return peer.awaits_acknowledgements(now);
      });
  if (waiting && now < *drain_deadline_) return;
  for (Peer& peer : peers_)
    peer.shut_down(now);
  while (!strangers_.empty())
    turn_away(strangers_.begin()->first, Reason::kShutdown, 0);
  for (const auto& [id, callers] : callers_) {
    for (const Caller& caller : callers)
      answer(caller.ticket, CastRefusal::kStopping);
  }
  for (const auto& [id, waiting_callers] : waiting_) {
    for (const std::uint64_t ticket : waiting_callers.tickets)
      answer(ticket, CastRefusal::kStopping);
  }
  stopped_ = true;
  outputs_.actions.emplace_back(Stop{});
}

Peer* Node::peer_of(ConnectionId connection) {
  const auto found = std::find_if(peers_.begin(), peers_.end(), [&](const Peer& peer) {
    return peer.connection() == connection;
  });
  return found == peers_.end() ? nullptr : &*found;
}

Peer* Node::peer_named(const std::string& name) {
  const auto found = std::find_if(peers_.begin(), peers_.end(),
                                  [&](const Peer& peer) { return peer.name() == name; });
  return found == peers_.end() ? nullptr : &*found;
}

}  // namespace halfopen::node

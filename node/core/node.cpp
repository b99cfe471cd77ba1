#include "node/core/node.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "node/core/limits.hpp"

namespace halfopen::node {

Node::Node(NodeSettings settings) : settings_(std::move(settings)) {
  HALFOPEN_ASSERT(settings_.peers.size() <= kPeersMax);
  const Prng prng{settings_.seed};
  peers_.reserve(settings_.peers.size());
  for (const PeerSettings& peer : settings_.peers) {
    peers_.emplace_back(peer, settings_, prng.fork("backoff " + peer.name), outputs_);
  }
}

CastAnswer Node::propose(const CastRequest& request) const {
  if (is_stopping()) return CastRefusal::kStopping;
  Vote vote{.network = settings_.network,
            .height = request.height.value_or(0),
            .round = request.round,
            .kind = request.kind,
            .choice = request.choice,
            .voter = settings_.name,
            .time_milliseconds = request.time_milliseconds};
  if (!request.height)
    vote.height = own_votes_.empty() ? 1 : 1 + std::get<0>(own_votes_.rbegin()->first);
  const auto cast = own_votes_.find(Slot{vote.height, vote.round, vote.kind});
  if (cast != own_votes_.end()) {
    if (cast->second.second != vote.choice) return CastRefusal::kConflict;
    return AlreadyCast{cast->second.first};
  }
  if (known_votes_.size() >= kStoredVotesMax) return CastRefusal::kStoreFull;
  const bool full = settings_.defences.retry.enabled &&
                    std::any_of(peers_.begin(), peers_.end(),
                                [](const Peer& peer) { return peer.outbox().is_full(); });
  if (full) return CastRefusal::kOutboxFull;
  const VoteId id = id_of(vote);
  return NewVote{std::move(vote), id};
}

void Node::restore(const Vote& vote, const std::set<std::string>& delivered_to) {
  const VoteId id = id_of(vote);
  remember(vote, id);
  if (vote.voter != settings_.name || !settings_.defences.retry.enabled) return;
  SharedFrame frame;
  for (Peer& peer : peers_) {
    if (delivered_to.contains(peer.name())) continue;
    if (!frame) frame = encode_frame(VoteMessage{vote});
    peer.offer(id, frame, now_);
  }
}

void Node::remember(const Vote& vote, const VoteId& id) {
  known_votes_.insert(id);
  if (vote.voter != settings_.name) return;
  own_votes_.try_emplace(Slot{vote.height, vote.round, vote.kind}, id, vote.choice);
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
  finish_drain(now);
}

std::optional<Action> Node::poll_action() {
  if (outputs_.actions.empty()) return std::nullopt;
  Action action = std::move(outputs_.actions.front());
  outputs_.actions.pop_front();
  return action;
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
  if (strangers_.size() >= kUnknownConnectionsMax || is_stopping()) {
    return turn_away(event.connection,
                     is_stopping() ? Reason::kShutdown : Reason::kTooManyConnections, 0);
  }
  strangers_.emplace(event.connection, Stranger{FrameReader{}, now + kHandshakeDeadline});
  outputs_.actions.emplace_back(SetReading{event.connection, true});
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
  if (hello->version != kProtocolVersion || hello->network != settings_.network) {
    return turn_away(connection, Reason::kHandshakeFailed, 0);
  }
  Peer* peer = peer_named(hello->name);
  if (peer == nullptr) return turn_away(connection, Reason::kUnknownPeer, 0);
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

void Node::take_votes(Peer& peer, Instant now) {
  while (const auto vote = peer.next_vote(now))
    take_vote(peer, *vote);
}

void Node::take_vote(Peer& peer, const Vote& vote) {
  const VoteId id = id_of(vote);
  if (known_votes_.contains(id)) {
    note(note::VoteReceived{peer.name(), vote, id, note::Received::kDuplicate});
    return peer.acknowledge_to_peer(id);
  }
  // Nodes do not relay, so a peer has only its own votes to tell.
  const bool valid = vote.network == settings_.network && vote.voter == peer.name() &&
                     vote.time_milliseconds >= 0 &&
                     vote.time_milliseconds <= kVoteTimeMillisecondsMax;
  if (!valid || known_votes_.size() >= kStoredVotesMax) {
    return note(note::VoteReceived{peer.name(), vote, id, note::Received::kRejected});
  }
  outputs_.actions.emplace_back(StoreVote{*peer.connection(), vote, id});
}

void Node::on(const VoteStored& event, Instant) {
  Peer* peer = peer_of(event.connection);
  if (!event.stored) {
    return note(
        note::VoteReceived{event.vote.voter, event.vote, event.id, note::Received::kRejected});
  }
  const bool is_new = !known_votes_.contains(event.id);
  remember(event.vote, event.id);
  note(note::VoteReceived{event.vote.voter, event.vote, event.id,
                          is_new ? note::Received::kStored : note::Received::kDuplicate});
  if (peer != nullptr) peer->acknowledge_to_peer(event.id);
}

void Node::on(const VoteWritten& event, Instant) {
  if (Peer* peer = peer_of(event.connection)) peer->on_written(event.vote);
}

void Node::on(const CastStored& event, Instant now) {
  const VoteId id = id_of(event.vote);
  remember(event.vote, id);
  note(note::Broadcast{id, peers_.size(), outputs_.pool_size});
  const SharedFrame frame = encode_frame(VoteMessage{event.vote});
  for (Peer& peer : peers_)
    peer.offer(id, frame, now);
}

void Node::on(const ShutdownRequested&, Instant now) {
  if (!drain_deadline_) drain_deadline_ = now + kDrainDeadline;
}

void Node::finish_drain(Instant now) {
  if (!drain_deadline_) return;
  const bool waiting = std::any_of(peers_.begin(), peers_.end(), [&](const Peer& peer) {
    return peer.awaits_acknowledgements(now);
  });
  if (waiting && now < *drain_deadline_) return;
  for (Peer& peer : peers_)
    peer.shut_down(now);
  while (!strangers_.empty())
    turn_away(strangers_.begin()->first, Reason::kShutdown, 0);
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

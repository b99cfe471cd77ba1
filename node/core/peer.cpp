#include "node/core/peer.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "node/core/limits.hpp"

namespace halfopen::node {
namespace {

std::string_view dial_outcome(Reason reason) {
  if (reason == Reason::kRefused) return "refused";
  if (reason == Reason::kDialTimeout) return "timeout";
  if (reason == Reason::kUnreachable) return "unreachable";
  return "failed";
}

}  // namespace

Peer::Peer(PeerSettings settings, const NodeSettings& node, Prng prng, Outputs& outputs)
    : settings_(std::move(settings)),
      node_(node),
      outputs_(outputs),
      tickets_before_(outputs.last_ticket),
      backoff_({node.defences.reconnect.backoff_min, node.defences.reconnect.backoff_max}, prng) {}

std::optional<ConnectionId> Peer::connection() const {
  if (!session_) return std::nullopt;
  return session_->id;
}

bool Peer::awaits_acknowledgements(Instant now) const {
  if (!is_up(state_) || outbox_.in_flight() == 0) return false;
  return node_.defences.retry.enabled || now < session_->listen_until;
}

void Peer::start(Instant now) {
  started_at_ = now;
  if (settings_.dials) dial(Reason::kStart, now);
}

void Peer::dial(Reason reason, Instant now) {
  dialled_at_ = now;
  deadline_ = now + node_.defences.reconnect.dial_timeout;
  open_session(outputs_.new_connection_id(), Direction::kOutbound, FrameReader{}, now);
  move_to(PeerState::kDialing, reason, 0, now);
  outputs_.actions.emplace_back(Dial{session_->id, settings_.name});
}

void Peer::open_session(ConnectionId id, Direction direction, FrameReader reader, Instant now) {
  HALFOPEN_ASSERT(!session_);
  const Defences& defences = node_.defences;
  session_.emplace(Session{.id = id,
                           .direction = direction,
                           .reader = std::move(reader),
                           .liveness = Liveness{defences.ping, defences.retry, now},
                           .opened = now,
                           .listen_until = now});
}

void Peer::on_dial_succeeded(Instant now) {
  if (state_ != PeerState::kDialing) return;
  session_->connected = true;
  note_dial("connected", now);
  deadline_ = now + kHandshakeDeadline;
  move_to(PeerState::kHandshaking, Reason::kConnected, 0, now);
  send(Hello{kProtocolVersion, node_.network, node_.name});
}

void Peer::on_dial_failed(int error, Instant now) {
  if (state_ == PeerState::kDialing) on_lost(reason_of_dial_failure(error), error, now);
}

void Peer::note_dial(std::string_view outcome, Instant now) {
  note(note::DialEnded{settings_.name, outcome, now - dialled_at_});
}

// Both sides may dial at once, and each must drop the same one of the two connections: the one that
// the lower name dialled stays. A connection of ours that was opened just now may have crossed the
// peer's dial on the way; an older one cannot, so the peer has lost it, and we follow the peer.
bool Peer::wins_tie(Instant now) const {
  if (!session_ || session_->direction != Direction::kOutbound) return false;
  if (state_ == PeerState::kDialing) return false;
  const bool crossed = state_ == PeerState::kHandshaking ||
                       now - session_->opened < node_.defences.reconnect.dial_timeout;
  return crossed && node_.name < settings_.name;
}

bool Peer::adopt(ConnectionId connection, FrameReader reader, Instant now) {
  if (stopping_ || wins_tie(now)) return false;
  if (session_) {
    const Reason reason = is_up(state_) ? Reason::kReplaced : Reason::kTieBreak;
    if (is_up(state_)) move_to(PeerState::kIdle, reason, 0, now);
    give_up_connection(reason, 0);
    settle_debts();
  }
  open_session(connection, Direction::kInbound, std::move(reader), now);
  session_->connected = true;
  session_->reading = true;  // since it was accepted
  send(Hello{kProtocolVersion, node_.network, node_.name});
  become_healthy(Reason::kHello, now);
  return true;
}

void Peer::become_healthy(Reason reason, Instant now) {
  was_healthy_ = true;
  session_->greeted = true;
  session_->opened = now;
  session_->liveness.on_received(now);
  ++outputs_.pool_size;
  note(note::ConnectionOpened{settings_.name, session_->id, session_->direction,
                              outputs_.pool_size});
  move_to(PeerState::kHealthy, reason, 0, now);
  send_owed(now);
}

void Peer::move_to(PeerState to, Reason reason, int error, Instant now) {
  const PeerState from = std::exchange(state_, to);
  const Duration since_life = session_ ? now - session_->liveness.last_received() : Duration{0};
  note(note::Transition{settings_.name, connection(), from, to, reason, error, since_life});
}

void Peer::on_lost(Reason reason, int error, Instant now) {
  if (!session_) return;
  if (state_ == PeerState::kDialing) note_dial(dial_outcome(reason), now);
  // Before hello no vote was at stake, and what counts is that the peer could not be greeted.
  const bool says_more = reason == Reason::kShutdown || reason == Reason::kRemoved ||
                         reason == Reason::kTlsFailed || reason == Reason::kWrongKey ||
                         reason == Reason::kWrongNetwork || reason == Reason::kWrongVersion;
  if (state_ == PeerState::kHandshaking && !says_more) reason = Reason::kHandshakeFailed;
  const PeerState next = state_after_loss(now);
  move_to(next, reason, error, now);
  give_up_connection(reason, error);
  if (reason != Reason::kShutdown) settle_debts();
}

PeerState Peer::state_after_loss(Instant now) {
  if (stopping_) return PeerState::kClosed;
  if (!settings_.dials) return PeerState::kIdle;
  if (session_->greeted && now - session_->opened >= node_.defences.reconnect.stable_after) {
    backoff_.reset();
  }
  const bool first_tries = !was_healthy_ && now - started_at_ < kFirstConnectionWindow;
  if (!node_.defences.reconnect.enabled && !first_tries) return PeerState::kClosed;
  deadline_ = now + backoff_.next();
  return PeerState::kBackoff;
}

void Peer::give_up_connection(Reason reason, int error) {
  const bool was_open = session_->greeted;
  if (was_open) --outputs_.pool_size;
  // A dial that never connected was no connection yet; its end is in DialEnded.
  if (session_->connected) {
    note(note::ConnectionClosed{settings_.name, session_->id, reason, error, was_open,
                                outputs_.pool_size});
  }
  outputs_.actions.emplace_back(Close{session_->id});
  session_.reset();
  to_acknowledge_.clear();
}

// After a connection is gone: with retry all is owed again, without it nothing is owed any more.
void Peer::settle_debts() {
  if (node_.defences.retry.enabled) return outbox_.requeue();
  for (const Outbox::Entry& entry : outbox_.abandon()) {
    // The kernel took all of it and the peer never said so: lost, as far as this node can know.
    const auto reason = entry.written ? note::Abandoned::kAckTimeout : note::Abandoned::kSendFailed;
    note(note::VoteAbandoned{settings_.name, entry.vote, reason});
    settled_.push_back(entry.vote);
  }
  note(note::OutboxChanged{settings_.name, outbox_.size()});
}

void Peer::offer(const VoteId& vote, const SharedFrame& frame, Instant now) {
  const bool can_send = is_up(state_);
  if (!node_.defences.retry.enabled && !can_send) {
    return note(note::VoteAbandoned{settings_.name, vote, note::Abandoned::kNoConnection});
  }
  if (outbox_.is_full()) {
    return note(note::VoteAbandoned{settings_.name, vote, note::Abandoned::kOutboxFull});
  }
  outbox_.push(vote, frame);
  note(note::OutboxChanged{settings_.name, outbox_.size()});
  if (can_send) send_owed(now);
}

void Peer::send_owed(Instant now) {
  while (const Outbox::Entry* entry = outbox_.send_next(now)) {
    outputs_.actions.emplace_back(
        Write{session_->id, entry->frame, node_.defences.writes_per_frame, entry->vote});
    session_->listen_until = now + node_.defences.ack_wait;
  }
}

void Peer::send(const Message& message) {
  write(encode_frame(message));
}

void Peer::write(SharedFrame frame) {
  outputs_.actions.emplace_back(
      Write{session_->id, std::move(frame), node_.defences.writes_per_frame, std::nullopt});
}

void Peer::acknowledge_to_peer(const VoteId& vote) {
  if (is_up(state_)) to_acknowledge_.push_back(vote);
}

void Peer::refuse_to_peer(const VoteId& vote, Refusal refusal) {
  if (is_up(state_)) send(Reject{vote, refusal});
}

void Peer::flush_acknowledgements() {
  for (std::size_t from = 0; from < to_acknowledge_.size(); from += kAckVotesMax) {
    const auto first = to_acknowledge_.begin() + static_cast<std::ptrdiff_t>(from);
    const auto count = std::min(kAckVotesMax, to_acknowledge_.size() - from);
    send(Ack{{first, first + static_cast<std::ptrdiff_t>(count)}});
  }
  to_acknowledge_.clear();
}

void Peer::on_written(const VoteId& vote) {
  if (const Outbox::Entry* entry = outbox_.mark_written(vote)) {
    note(note::VoteSent{settings_.name, session_->id, vote, entry->attempts});
  }
}

void Peer::on_bytes(std::span<const std::uint8_t> bytes, Instant now) {
  if (!session_) return;
  session_->liveness.on_received(now);
  session_->reader.push(bytes);
  note(note::BytesCame{settings_.name});
}

std::optional<SignedVote> Peer::next_vote(Instant now) {
  while (session_) {
    auto next = session_->reader.next();
    if (next.has_error()) {
      on_lost(Reason::kProtocolError, 0, now);
      return std::nullopt;
    }
    if (!next->has_value()) return std::nullopt;
    Message& message = **next;
    if (is_up(state_) == std::holds_alternative<Hello>(message)) {
      on_lost(Reason::kProtocolError, 0, now);  // hello comes first, and once
      return std::nullopt;
    }
    if (auto* vote = std::get_if<VoteMessage>(&message)) return std::move(vote->vote);
    if (const auto* hello = std::get_if<Hello>(&message)) {
      handle_hello(*hello, now);
    } else if (const auto* ack = std::get_if<Ack>(&message)) {
      handle_ack(*ack, now);
    } else if (const auto* reject = std::get_if<Reject>(&message)) {
      handle_reject(*reject, now);
    } else if (const auto* ping = std::get_if<Ping>(&message)) {
      write(pong_memory_.encode(Pong{ping->nonce}));
    } else if (const auto* pong = std::get_if<Pong>(&message)) {
      if (const auto round_trip = session_->liveness.on_pong(pong->nonce, now)) {
        note(note::PingNoted{settings_.name, note::PingStep::kAnswered, *round_trip});
      }
    }
  }
  return std::nullopt;
}

void Peer::handle_hello(const Hello& hello, Instant now) {
  if (hello.version != kProtocolVersion) return on_lost(Reason::kWrongVersion, 0, now);
  if (hello.network != node_.network) return on_lost(Reason::kWrongNetwork, 0, now);
  if (hello.name != settings_.name) return on_lost(Reason::kHandshakeFailed, 0, now);
  become_healthy(Reason::kHello, now);
}

void Peer::handle_ack(const Ack& ack, Instant now) {
  for (const VoteId& vote : ack.votes) {
    const auto entry = outbox_.acknowledge(vote);
    if (!entry) continue;  // a second ACK, for a resend that was not needed
    outputs_.store(KeepDelivery{settings_.name, vote});
    note(note::VoteAcked{settings_.name, vote, now - entry->first_at.value_or(now)});
    settled_.push_back(vote);
  }
  note(note::OutboxChanged{settings_.name, outbox_.size()});
  send_owed(now);  // room for more in flight
}

void Peer::handle_reject(const Reject& reject, Instant now) {
  if (!outbox_.contains(reject.vote)) return;
  // An id does not cover the signature, and ours was good: a wire has changed it. The vote is still
  // owed, and goes over the next connection.
  if (reject.refusal == Refusal::kBadSignature) return on_lost(Reason::kProtocolError, 0, now);
  (void)outbox_.acknowledge(reject.vote);
  outputs_.store(KeepDelivery{settings_.name, reject.vote});
  note(note::VoteAbandoned{settings_.name, reject.vote, note::Abandoned::kRejected});
  note(note::OutboxChanged{settings_.name, outbox_.size()});
  settled_.push_back(reject.vote);
  send_owed(now);
}

void Peer::on_time(Instant now) {
  switch (state_) {
    case PeerState::kDialing:
      if (now >= deadline_) on_lost(Reason::kDialTimeout, 0, now);
      break;
    case PeerState::kHandshaking:
      if (now >= deadline_) on_lost(Reason::kHandshakeFailed, 0, now);
      break;
    case PeerState::kBackoff:
      if (now >= deadline_) dial(Reason::kRetryDue, now);
      break;
    case PeerState::kHealthy:
    case PeerState::kSuspect:
    case PeerState::kIdle:
    case PeerState::kClosed:
      break;  // judged by settle(), after each event
  }
}

void Peer::settle(Instant now) {
  if (!session_) return;
  if (is_up(state_)) {
    flush_acknowledgements();
    Liveness& liveness = session_->liveness;
    liveness.watch_oldest_vote(outbox_.oldest_in_flight_at());
    liveness.excuse_lateness(now);
    if (const auto reason = liveness.verdict(now)) {
      if (*reason == Reason::kPingTimeout) {
        note(note::PingNoted{settings_.name, note::PingStep::kTimeout, {}});
      }
      return on_lost(*reason, 0, now);
    }
    if (liveness.is_ping_due(now)) {
      write(ping_memory_.encode(Ping{liveness.start_ping(now)}));
      note(note::PingNoted{settings_.name, note::PingStep::kSent, {}});
    }
    const auto suspicion = liveness.suspicion(now);
    if (suspicion && state_ == PeerState::kHealthy)
      move_to(PeerState::kSuspect, *suspicion, 0, now);
    if (!suspicion && state_ == PeerState::kSuspect) {
      move_to(PeerState::kHealthy, Reason::kAnswered, 0, now);
    }
  }
  const bool wanted = wants_to_read(now);
  if (wanted != session_->reading) {
    session_->reading = wanted;
    outputs_.actions.emplace_back(SetReading{session_->id, wanted});
  }
}

bool Peer::wants_to_read(Instant now) const {
  if (state_ == PeerState::kDialing) return false;
  const Defences& defences = node_.defences;
  return session_->direction == Direction::kInbound || state_ == PeerState::kHandshaking ||
         defences.watch_idle || session_->liveness.is_ping_outstanding() ||
         awaits_acknowledgements(now);
}

std::optional<Instant> Peer::next_deadline(Instant now) const {
  switch (state_) {
    case PeerState::kIdle:
    case PeerState::kClosed:
      return std::nullopt;
    case PeerState::kDialing:
    case PeerState::kHandshaking:
    case PeerState::kBackoff:
      return deadline_;
    case PeerState::kHealthy:
    case PeerState::kSuspect:
      break;
  }
  auto next = session_->liveness.next_deadline(now);
  const bool stops_listening = awaits_acknowledgements(now) && !node_.defences.retry.enabled;
  if (stops_listening && (!next || session_->listen_until < *next)) next = session_->listen_until;
  return next;
}

void Peer::shut_down(Instant now) {
  stopping_ = true;
  if (session_) return on_lost(Reason::kShutdown, 0, now);
  if (state_ != PeerState::kClosed) move_to(PeerState::kClosed, Reason::kShutdown, 0, now);
}

void Peer::change(const PeerSettings& settings, Instant now) {
  const bool dialled = std::exchange(settings_, settings).dials;
  if (settings_.dials && !dialled && !session_) dial(Reason::kStart, now);
  if (!settings_.dials && state_ == PeerState::kBackoff) {
    move_to(PeerState::kIdle, Reason::kRemoved, 0, now);
  }
}

void Peer::remove(Instant now) {
  stopping_ = true;
  if (session_) on_lost(Reason::kRemoved, 0, now);
  if (state_ != PeerState::kClosed) move_to(PeerState::kClosed, Reason::kRemoved, 0, now);
  for (const Outbox::Entry& entry : outbox_.abandon()) {
    note(note::VoteAbandoned{settings_.name, entry.vote, note::Abandoned::kRemoved});
    settled_.push_back(entry.vote);
  }
  outputs_.store(ForgetPeer{settings_.name});
}

void Peer::note(Note content) {
  outputs_.actions.emplace_back(std::move(content));
}

}  // namespace halfopen::node

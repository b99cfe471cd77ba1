// One peer's session: at most one live connection, dialled by us or by the peer, and what happens
// when it dies. (The states are drawn in note.hpp.)
//
// Invariants: a connection id is held exactly in Dialing, Handshaking, Healthy and Suspect; outside
// Healthy and Suspect nothing is in flight; `reading` is what the shell was last told.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "node/core/action.hpp"
#include "node/core/action_queue.hpp"
#include "node/core/backoff.hpp"
#include "node/core/frame_reader.hpp"
#include "node/core/liveness.hpp"
#include "node/core/outbox.hpp"
#include "node/core/settings.hpp"

namespace halfopen::node {

// Where all peers put their actions, and get connection ids from.
struct Outputs {
  ActionQueue actions;
  std::uint64_t last_connection = 0;
  std::uint64_t last_ticket = 0;
  std::size_t pool_size = 0;  // connections on which votes can be sent

  ConnectionId new_connection_id() { return ConnectionId{++last_connection}; }
  // Answers the ticket.
  std::uint64_t store(JournalEntry entry) {
    actions.emplace_back(Store{++last_ticket, std::move(entry)});
    return last_ticket;
  }
};

class Peer {
 public:
  // `node` and `outputs` must outlive the peer.
  Peer(PeerSettings settings, const NodeSettings& node, Prng prng, Outputs& outputs);

  // Getters.
  [[nodiscard]] const std::string& name() const { return settings_.name; }
  [[nodiscard]] const PeerSettings& settings() const { return settings_; }
  [[nodiscard]] PeerState state() const { return state_; }
  [[nodiscard]] std::optional<ConnectionId> connection() const;
  // Whether this node would notice by itself that the connection has ended.
  [[nodiscard]] bool is_reading() const { return session_ && session_->reading; }
  [[nodiscard]] const Outbox& outbox() const { return outbox_; }
  // Whether it was among the peers when the action Store with this ticket was given.
  [[nodiscard]] bool was_configured_at(std::uint64_t ticket) const {
    return ticket > tickets_before_;
  }
  // Votes whose acknowledgement this node still listens for.
  [[nodiscard]] bool awaits_acknowledgements(Instant now) const;
  [[nodiscard]] std::optional<Instant> next_deadline(Instant now) const;

  // Commands.
  void start(Instant now);
  // Owes the vote to the peer (with retry), or sends it now or never. Abandons it, and says so,
  // when the outbox is full.
  void offer(const VoteId& vote, const SharedFrame& frame, Instant now);
  // A connection that the peer dialled and said hello on. The answer says whether the peer took it;
  // otherwise the caller closes it, for the reason tie_break.
  [[nodiscard]] bool adopt(ConnectionId connection, FrameReader reader, Instant now);
  // With all others of this event, in one message.
  void acknowledge_to_peer(const VoteId& vote);
  void refuse_to_peer(const VoteId& vote, Refusal refusal);
  void shut_down(Instant now);
  // The same peer, but with another weight, or with or without an address. A connection stays.
  void change(const PeerSettings& settings, Instant now);
  // The peer is configured no longer: what it is owed is abandoned.
  void remove(Instant now);

  // Events.
  void on_time(Instant now);
  void on_dial_succeeded(Instant now);
  void on_dial_failed(int error, Instant now);
  void on_bytes(std::span<const std::uint8_t> bytes, Instant now);
  // After on_bytes, until it answers nothing: the votes that have come.
  [[nodiscard]] std::optional<SignedVote> next_vote(Instant now);
  // Votes that are not owed to this peer any more, for whatever reason, since the last call.
  [[nodiscard]] std::vector<VoteId> take_settled() { return std::exchange(settled_, {}); }
  void on_written(const VoteId& vote);
  // The connection is dead, or refused.
  void on_lost(Reason reason, int error, Instant now);
  // After each event: the deadlines are judged, and reads start or stop.
  void settle(Instant now);

 private:
  struct Session {
    ConnectionId id;
    Direction direction{};
    FrameReader reader;
    Liveness liveness;
    Instant opened;
    Instant listen_until;  // for an ACK, without retry
    bool reading = false;
    bool connected = false;  // TCP is
    bool greeted = false;    // it was Healthy once
  };

  void dial(Reason reason, Instant now);
  void open_session(ConnectionId id, Direction direction, FrameReader reader, Instant now);
  void become_healthy(Reason reason, Instant now);
  void move_to(PeerState to, Reason reason, int error, Instant now);
  void give_up_connection(Reason reason, int error);
  void settle_debts();
  [[nodiscard]] PeerState state_after_loss(Instant now);
  void send_owed(Instant now);
  void send(const Message& message);
  void write(SharedFrame frame);
  void note(Note content);
  void note_dial(std::string_view outcome, Instant now);
  [[nodiscard]] bool wins_tie(Instant now) const;
  [[nodiscard]] bool wants_to_read(Instant now) const;
  void handle_hello(const Hello& hello, Instant now);
  void handle_ack(const Ack& ack, Instant now);
  void handle_reject(const Reject& reject, Instant now);
  void flush_acknowledgements();

  PeerSettings settings_;
  const NodeSettings& node_;
  Outputs& outputs_;
  std::uint64_t tickets_before_;  // the last one that was given before this peer was configured
  PeerState state_ = PeerState::kIdle;
  Backoff backoff_;
  Outbox outbox_;
  std::optional<Session> session_;
  std::vector<VoteId> to_acknowledge_;
  std::vector<VoteId> settled_;
  FrameMemory ping_memory_;
  FrameMemory pong_memory_;
  Instant deadline_;  // of Dialing, Handshaking and Backoff
  Instant dialled_at_;
  Instant started_at_;
  bool was_healthy_ = false;
  bool stopping_ = false;
};

}  // namespace halfopen::node

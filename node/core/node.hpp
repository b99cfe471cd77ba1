// The node: its peers, the connections that have not said who they are, and the votes it knows.
//
// One law: change it once (start, handle), then carry out every action that poll_action() answers,
// then wait for an event or for next_deadline(). `now` never goes back.
//
// Invariants: a vote is owed to peers only when the store has it; this node never casts two
// different votes for one height, round and kind; a vote is acknowledged only after it was stored.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "node/core/action.hpp"
#include "node/core/event.hpp"
#include "node/core/peer.hpp"
#include "node/core/settings.hpp"

namespace halfopen::node {

// What a caller asks to vote for. No height: the next after this node's highest.
struct CastRequest {
  std::optional<std::uint64_t> height = std::nullopt;
  std::uint32_t round = 0;
  VoteKind kind = VoteKind::kPrecommit;
  std::optional<Choice> choice = std::nullopt;
  std::int64_t time_milliseconds = 0;
};

// The vote is to be stored and then announced by the event CastStored.
struct NewVote {
  Vote vote;
  VoteId id;
};
// The very same was cast before: nothing is to be done.
struct AlreadyCast {
  VoteId id;
};
enum class CastRefusal : std::uint8_t { kConflict, kOutboxFull, kStoreFull, kStopping };
using CastAnswer = std::variant<NewVote, AlreadyCast, CastRefusal>;

class Node {
 public:
  explicit Node(NodeSettings settings);
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  // Getters.
  [[nodiscard]] const NodeSettings& settings() const { return settings_; }
  [[nodiscard]] const std::vector<Peer>& peers() const { return peers_; }
  [[nodiscard]] CastAnswer propose(const CastRequest& request) const;
  [[nodiscard]] bool is_stopping() const { return drain_deadline_.has_value(); }
  [[nodiscard]] bool is_stopped() const { return stopped_; }
  [[nodiscard]] std::optional<Instant> next_deadline() const;

  // Commands. A vote of the store, before start(); `delivered_to` names the peers that have it.
  // More votes than an outbox holds (a new peer is owed all of them) are abandoned until the next
  // start.
  void restore(const Vote& vote, const std::set<std::string>& delivered_to);
  void start(Instant now);
  [[nodiscard]] ConnectionId new_connection_id() { return outputs_.new_connection_id(); }

  // Events and actions.
  void handle(const Event& event, Instant now);
  [[nodiscard]] std::optional<Action> poll_action();

 private:
  using Slot = std::tuple<std::uint64_t, std::uint32_t, VoteKind>;
  // An accepted connection that has not said hello.
  struct Stranger {
    FrameReader reader;
    Instant deadline;
  };

  void on(const TimePassed& event, Instant now);
  void on(const DialSucceeded& event, Instant now);
  void on(const DialFailed& event, Instant now);
  void on(const ConnectionAccepted& event, Instant now);
  void on(const BytesReceived& event, Instant now);
  void on(const StreamEnded& event, Instant now);
  void on(const ConnectionFailed& event, Instant now);
  void on(const VoteWritten& event, Instant now);
  void on(const VoteStored& event, Instant now);
  void on(const CastStored& event, Instant now);
  void on(const ShutdownRequested& event, Instant now);

  void greet_stranger(ConnectionId connection, std::span<const std::uint8_t> bytes, Instant now);
  void turn_away(ConnectionId connection, Reason reason, int error, const std::string& peer = {});
  void lose(ConnectionId connection, Reason reason, int error, Instant now);
  void take_votes(Peer& peer, Instant now);
  void take_vote(Peer& peer, const Vote& vote);
  void remember(const Vote& vote, const VoteId& id);
  void finish_drain(Instant now);
  [[nodiscard]] Peer* peer_of(ConnectionId connection);
  [[nodiscard]] Peer* peer_named(const std::string& name);
  void note(Note content) { outputs_.actions.emplace_back(std::move(content)); }

  NodeSettings settings_;
  Outputs outputs_;
  std::vector<Peer> peers_;
  std::map<ConnectionId, Stranger> strangers_;
  std::set<VoteId> known_votes_;
  std::map<Slot, std::pair<VoteId, std::optional<Choice>>> own_votes_;
  std::optional<Instant> drain_deadline_;
  bool stopped_ = false;
  Instant now_;
};

}  // namespace halfopen::node

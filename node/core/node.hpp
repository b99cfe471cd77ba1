// The node: its peers, the connections that have not said who they are, and the votes it knows.
//
// One law: change it once (start, handle), then carry out every action that poll_action() answers,
// then wait for an event or for next_deadline(). `now` never goes back.
//
// Invariants: a caller is told that its vote is cast, and a vote is owed to peers, only when the
// store has it; this node never signs two different votes for one slot; a peer's vote is
// acknowledged only after it was stored, and has its effect once, however often it comes.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "node/core/action.hpp"
#include "node/core/event.hpp"
#include "node/core/ledger.hpp"
#include "node/core/peer.hpp"
#include "node/core/settings.hpp"
#include "node/core/stranger_limit.hpp"
#include "node/core/tally.hpp"

namespace halfopen::node {

class Node {
 public:
  explicit Node(NodeSettings settings);
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  // Getters.
  [[nodiscard]] const NodeSettings& settings() const { return settings_; }
  [[nodiscard]] const std::list<Peer>& peers() const { return peers_; }
  [[nodiscard]] const Tally& tally() const { return tally_; }
  [[nodiscard]] const std::vector<Equivocation>& evidence() const { return evidence_; }
  [[nodiscard]] std::size_t known_votes() const { return ledger_.size(); }
  [[nodiscard]] bool is_stopping() const { return drain_deadline_.has_value(); }
  [[nodiscard]] bool is_stopped() const { return stopped_; }
  [[nodiscard]] std::optional<Instant> next_deadline() const;

  // Commands. What the store holds, before start().
  void restore(const Journal& journal);
  void start(Instant now);
  [[nodiscard]] ConnectionId new_connection_id() { return outputs_.new_connection_id(); }

  // Events and actions.
  void handle(const Event& event, Instant now);
  [[nodiscard]] std::optional<Action> poll_action();

 private:
  // An accepted connection that has not said hello.
  struct Stranger {
    FrameReader reader;
    Instant deadline;
    std::optional<PublicKey> key;  // proven
  };
  // What an action Store was for.
  struct Pending {
    enum class Kind : std::uint8_t { kOwnVote, kPeerVote, kEvidence };
    Kind kind{};
    std::string peer;  // who sent it
    PublicKey voter;
    Slot slot;
    VoteId id;
  };
  struct Caller {
    std::uint64_t ticket = 0;
    bool waits_for_peers = false;
  };
  struct Waiting {
    std::size_t peers = 0;  // that are still owed the vote
    std::vector<std::uint64_t> tickets;
  };

  void on(const TimePassed& event, Instant now);
  void on(const DialSucceeded& event, Instant now);
  void on(const DialFailed& event, Instant now);
  void on(const ConnectionAccepted& event, Instant now);
  void on(const BytesReceived& event, Instant now);
  void on(const StreamEnded& event, Instant now);
  void on(const ConnectionFailed& event, Instant now);
  void on(const VoteWritten& event, Instant now);
  void on(const Secured& event, Instant now);
  void on(const HandshakeFailed& event, Instant now);
  void on(const StoreAnswered& event, Instant now);
  void on(const CastRequested& event, Instant now);
  void on(const PeersChanged& event, Instant now);
  void on(const ShutdownRequested& event, Instant now);

  void greet_stranger(ConnectionId connection, std::span<const std::uint8_t> bytes, Instant now);
  void turn_away(ConnectionId connection, Reason reason, int error, const std::string& peer = {});
  void lose(ConnectionId connection, Reason reason, int error, Instant now);
  void take_votes(Peer& peer, Instant now);
  void take_vote(Peer& peer, const SignedVote& vote, Instant now);
  void refuse(Peer& peer, const SignedVote& vote, const VoteId& id, Refusal refusal);
  void take_equivocation(Peer& peer, const SignedVote& first, const SignedVote& second);
  void keep(const Ledger::Known& known);
  void finish_own_vote(const StoreAnswer& answered, const Pending& pending, Instant now);
  void finish_peer_vote(const Pending& pending, bool is_durable);
  void finish_evidence(const Pending& pending, bool is_durable);
  void answer_known(const Ledger::Known& known, const Caller& caller);
  void wait_for_peers(const VoteId& id, std::uint64_t ticket);
  void answer(std::uint64_t ticket, std::variant<VoteId, CastRefusal> content);
  [[nodiscard]] Vote vote_of(const CastRequest& request) const;
  [[nodiscard]] std::optional<CastRefusal> refusal_of(const Vote& vote) const;
  void count(const Vote& vote, bool is_told);
  void collect_settled(Peer& peer);
  void add_peer(const PeerSettings& settings);
  [[nodiscard]] std::uint64_t weight_of(const PublicKey& voter) const;
  [[nodiscard]] std::uint64_t total_weight() const;
  [[nodiscard]] const PublicKey& own_key() const { return settings_.key->public_key(); }
  void finish_drain(Instant now);
  [[nodiscard]] Peer* peer_of(ConnectionId connection);
  [[nodiscard]] Peer* peer_named(const std::string& name);
  void note(Note content) { outputs_.actions.emplace_back(std::move(content)); }

  NodeSettings settings_;
  Outputs outputs_;
  std::list<Peer> peers_;
  std::map<ConnectionId, Stranger> strangers_;
  StrangerLimit stranger_limit_;
  Ledger ledger_;
  Tally tally_;
  std::vector<Equivocation> evidence_;
  // What is in evidence_, and whether the store has it, too.
  std::map<std::pair<PublicKey, Slot>, bool> equivocated_;
  std::map<std::uint64_t, Pending> pending_;          // by the ticket of the action
  std::map<std::string, std::size_t> pending_votes_;  // by the peer that sent them
  std::map<VoteId, std::vector<Caller>> callers_;     // of own votes that are being stored
  std::map<VoteId, Waiting> waiting_;
  std::optional<Instant> drain_deadline_;
  bool stopped_ = false;
  Instant now_;
};

}  // namespace halfopen::node

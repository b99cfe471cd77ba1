// What grpc-vote-node decides, without gRPC: the same promises as vote-node's, kept in the same
// store.
//
// A vote is signed, stored, and only then offered to peers and told to its caller. A peer's vote is
// verified, stored once, and only then acknowledged. What a peer has not acknowledged is sent again
// on its next stream. Not thread-safe: Node's lock is round it.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include "metrics/http_conversation.hpp"
#include "node/shell/vote_store.hpp"
#include "tests/bench/grpc_node/settings.hpp"
#include "votes.pb.h"

namespace halfopen::grpc_node {

using Reply = std::function<void(HttpResponse)>;

class Voter {
 public:
  Voter(const Settings& settings, node::VoteStore& store);

  // Before anything else.
  [[nodiscard]] Result<void> load();
  // Votes for nil at the next height; answers when it is durable, or when all peers have it.
  void cast(bool wait_for_peers, std::int64_t time_milliseconds, Reply reply);
  // The votes and acknowledgements of a peer.
  void take(std::size_t peer, const Parcel& parcel);
  // What is to be sent to a peer now; false if that is nothing.
  [[nodiscard]] bool fill(std::size_t peer, Parcel& parcel);
  // Its stream is gone: what was on the way is owed again.
  void lose_stream(std::size_t peer) { peers_[peer].sent = 0; }
  // Answers that are due, once.
  [[nodiscard]] std::vector<std::pair<Reply, HttpResponse>> take_replies() {
    return std::exchange(replies_, {});
  }

 private:
  struct OwnVote {
    node::VoteId id;
    std::string encoded;
    std::size_t owed_to = 0;
    Reply reply;  // when all peers have it
  };
  using SharedVote = std::shared_ptr<OwnVote>;
  struct HashId {
    std::size_t operator()(const node::VoteId& id) const;
  };
  struct HashSlot {
    std::size_t operator()(const node::Slot& slot) const;
  };
  struct Peer {
    std::string name;
    node::PublicKey key;
    std::deque<SharedVote> owed;
    std::size_t sent = 0;  // so many of the first of them are on the way
    std::string acks;
    std::unordered_map<node::Slot, node::VoteId, HashSlot> slots;
  };
  // What the store was given, in order.
  struct Nothing {};
  struct Cast {
    SharedVote vote;
    bool wait_for_peers = false;
  };
  struct Received {
    std::size_t peer = 0;
    node::VoteId id;
  };
  using Pending = std::variant<Nothing, Cast, Received>;

  void put(node::JournalEntry entry, Pending pending);
  void on_answers(std::span<const node::StoreAnswer> answers);
  void on_answer(bool is_durable, Cast& cast);
  void on_answer(bool is_durable, const Received& received);
  static void on_answer(bool, const Nothing&) {}
  void take_vote(std::size_t peer, const std::string& encoded);
  void take_ack(Peer& peer, const node::VoteId& id);
  void answer(Reply reply, const OwnVote& vote, unsigned status);

  const Settings& settings_;
  node::VoteStore& store_;
  node::SigningKey key_;
  std::vector<Peer> peers_;
  std::vector<std::string> names_;
  std::unordered_set<node::VoteId, HashId> known_;
  std::uint64_t height_ = 0;
  std::uint64_t last_ticket_ = 0;
  std::deque<Pending> pending_;
  std::vector<std::pair<Reply, HttpResponse>> replies_;
};

}  // namespace halfopen::grpc_node

#include "tests/bench/grpc_node/voter.hpp"

#include <algorithm>
#include <cstring>
#include <optional>

namespace halfopen::grpc_node {
namespace {

// Its bytes stay below the 64 KiB that a vote-node's frame may have.
constexpr std::size_t kVotesPerParcel = 256;
constexpr std::size_t kOutboxVotesMax = 10'000;

std::string encode(const node::SignedVote& vote) {
  Vote message;
  message.set_network(vote.vote.network);
  message.set_height(vote.vote.height);
  message.set_round(vote.vote.round);
  message.set_kind(static_cast<std::uint32_t>(vote.vote.kind));
  if (vote.vote.choice) message.set_choice(vote.vote.choice->raw());
  message.set_voter(vote.vote.voter.raw());
  message.set_time_milliseconds(vote.vote.time_milliseconds);
  message.set_signature(vote.signature.data(), vote.signature.size());
  return message.SerializeAsString();
}

std::optional<node::SignedVote> decode(const std::string& encoded) {
  Vote message;
  if (!message.ParseFromString(encoded)) return std::nullopt;
  const auto voter = node::PublicKey::from_raw(message.voter());
  if (!voter || message.kind() < 1 || message.kind() > 2 ||
      message.signature().size() != node::kSignatureBytes) {
    return std::nullopt;
  }
  node::SignedVote vote{{.network = message.network(),
                         .height = message.height(),
                         .round = message.round(),
                         .kind = static_cast<node::VoteKind>(message.kind()),
                         .choice = {},
                         .voter = *voter,
                         .time_milliseconds = message.time_milliseconds()},
                        {}};
  if (!message.choice().empty()) {
    vote.vote.choice = node::Choice::from_raw(message.choice());
    if (!vote.vote.choice) return std::nullopt;
  }
  std::memcpy(vote.signature.data(), message.signature().data(), vote.signature.size());
  return vote;
}

}  // namespace

std::size_t Voter::HashId::operator()(const node::VoteId& id) const {
  std::size_t hash = 0;  // An id is a digest: any of its bytes will do.
  std::memcpy(&hash, id.bytes().data(), sizeof hash);
  return hash;
}

std::size_t Voter::HashSlot::operator()(const node::Slot& slot) const {
  return std::hash<std::uint64_t>{}(slot.height * 31 + slot.round * 2 +
                                    static_cast<std::uint64_t>(slot.kind));
}

Voter::Voter(const Settings& settings, node::VoteStore& store)
    : settings_(settings), store_(store), key_(settings.seed) {
  for (const PeerSettings& peer : settings.peers) {
    peers_.emplace_back();
    peers_.back().name = peer.name;
    peers_.back().key = peer.key;
    names_.push_back(peer.name);
  }
}

Result<void> Voter::load() {
  HALFOPEN_TRY(journal, store_.load());
  std::unordered_map<node::VoteId, SharedVote, HashId> own;
  if (journal.forgotten_up_to) height_ = journal.forgotten_up_to->height;
  for (const node::KeptVote& kept : journal.votes) {
    known_.insert(kept.id);
    if (kept.vote.vote.voter == key_.public_key()) {
      height_ = std::max(height_, kept.vote.vote.height);
      own[kept.id] = std::make_shared<OwnVote>(OwnVote{kept.id, encode(kept.vote), 0, {}});
    }
    for (Peer& peer : peers_) {
      if (peer.key == kept.vote.vote.voter) peer.slots.emplace(slot_of(kept.vote.vote), kept.id);
    }
  }
  for (Peer& peer : peers_) {
    for (const node::VoteId& id : journal.owed[peer.name]) {
      const auto found = own.find(id);
      if (found == own.end()) continue;
      ++found->second->owed_to;
      peer.owed.push_back(found->second);
    }
  }
  store_.on_answer([this](auto answers) { on_answers(answers); });
  return {};
}

void Voter::cast(bool wait_for_peers, std::int64_t time_milliseconds, Reply reply) {
  const bool is_full = std::any_of(peers_.begin(), peers_.end(), [](const Peer& peer) {
    return peer.owed.size() >= kOutboxVotesMax;
  });
  if (is_full) {
    replies_.emplace_back(std::move(reply), http_error(503, "too many votes are owed to a peer"));
    return;
  }
  node::SignedVote vote = node::sign({.network = settings_.network,
                                      .height = ++height_,
                                      .voter = key_.public_key(),
                                      .time_milliseconds = time_milliseconds},
                                     key_);
  const node::VoteId id = node::id_of(vote.vote);
  auto own = std::make_shared<OwnVote>(OwnVote{id, encode(vote), peers_.size(), std::move(reply)});
  known_.insert(id);
  put(node::KeepOwnVote{std::move(vote), id, names_}, Cast{std::move(own), wait_for_peers});
}

void Voter::put(node::JournalEntry entry, Pending pending) {
  pending_.push_back(std::move(pending));
  store_.put(std::move(entry), ++last_ticket_);
}

void Voter::on_answers(std::span<const node::StoreAnswer> answers) {
  for (const node::StoreAnswer& answer : answers) {
    Pending pending = std::move(pending_.front());
    pending_.pop_front();
    std::visit([&](auto& what) { on_answer(answer.is_durable, what); }, pending);
  }
}

void Voter::on_answer(bool is_durable, Cast& cast) {
  if (!is_durable) {
    replies_.emplace_back(std::move(cast.vote->reply), http_error(503, "the store failed"));
    return;
  }
  if (!cast.wait_for_peers) answer(std::exchange(cast.vote->reply, {}), *cast.vote, 202);
  for (Peer& peer : peers_)
    peer.owed.push_back(cast.vote);
}

void Voter::on_answer(bool is_durable, const Received& received) {
  if (!is_durable) return;
  known_.insert(received.id);
  peers_[received.peer].acks += received.id.raw();
}

void Voter::take(std::size_t peer, const Parcel& parcel) {
  const std::string_view acked = parcel.acked();
  for (std::size_t i = 0; i + node::VoteId::kSize <= acked.size(); i += node::VoteId::kSize)
    take_ack(peers_[peer], *node::VoteId::from_raw(acked.substr(i, node::VoteId::kSize)));
  for (const std::string& vote : parcel.votes())
    take_vote(peer, vote);
}

void Voter::take_vote(std::size_t index, const std::string& encoded) {
  Peer& peer = peers_[index];
  auto vote = decode(encoded);
  if (!vote || vote->vote.network != settings_.network || vote->vote.voter != peer.key) return;
  const node::VoteId id = node::id_of(vote->vote);
  if (known_.contains(id)) {
    peer.acks += id.raw();
    return;
  }
  if (!node::is_signed_by_voter(*vote)) return;
  const auto [slot, is_first] = peer.slots.try_emplace(slot_of(vote->vote), id);
  // A voter with two votes for one slot is no part of the load: it is only noticed.
  if (!is_first && slot->second != id) return;
  put(node::KeepPeerVote{std::move(*vote), id}, Received{index, id});
}

void Voter::take_ack(Peer& peer, const node::VoteId& id) {
  // They come in the order of the votes, so this finds the first but for duplicates.
  const auto found = std::find_if(peer.owed.begin(), peer.owed.end(),
                                  [&](const SharedVote& vote) { return vote->id == id; });
  if (found == peer.owed.end()) return;
  const SharedVote vote = *found;
  if (static_cast<std::size_t>(found - peer.owed.begin()) < peer.sent) --peer.sent;
  peer.owed.erase(found);
  put(node::KeepDelivery{peer.name, id}, Nothing{});
  if (--vote->owed_to == 0 && vote->reply) answer(std::exchange(vote->reply, {}), *vote, 200);
}

void Voter::answer(Reply reply, const OwnVote& vote, unsigned status) {
  replies_.emplace_back(
      std::move(reply),
      HttpResponse{.status = status, .body = "{\"id\":\"" + vote.id.hex() + "\"}\n"});
}

bool Voter::fill(std::size_t index, Parcel& parcel) {
  Peer& peer = peers_[index];
  if (peer.acks.empty() && peer.sent == peer.owed.size()) return false;
  parcel.Clear();
  parcel.mutable_acked()->swap(peer.acks);
  peer.acks.clear();
  const std::size_t end = std::min(peer.owed.size(), peer.sent + kVotesPerParcel);
  for (; peer.sent < end; ++peer.sent)
    parcel.add_votes(peer.owed[peer.sent]->encoded);
  return true;
}

}  // namespace halfopen::grpc_node

#include "node/shell/vote_store.hpp"

#include <algorithm>
#include <utility>

namespace halfopen::node {

void MemoryVoteStore::put(JournalEntry entry, std::uint64_t ticket) {
  if (auto* own = std::get_if<KeepOwnVote>(&entry)) {
    keep(std::move(own->vote), own->id);
  } else if (auto* peers = std::get_if<KeepPeerVote>(&entry)) {
    keep(std::move(peers->vote), peers->id);
  }
  answers_.push_back({ticket, true});
  if (answers_.size() > 1) return;
  post_([this, alive = std::weak_ptr(alive_)] {
    if (alive.lock()) answer();
  });
}

void MemoryVoteStore::keep(SignedVote vote, const VoteId& id) {
  if (!known_.insert(id).second) return;
  votes_.push_back({std::move(vote), id});
  if (votes_.size() <= votes_max_) return;
  known_.erase(votes_.front().id);
  votes_.pop_front();
  ++gone_;
}

void MemoryVoteStore::answer() {
  const auto answers = std::exchange(answers_, {});
  handler_(answers);
}

Result<std::vector<ListedVote>> MemoryVoteStore::list(std::uint64_t after, std::size_t limit) {
  std::vector<ListedVote> listed;
  const std::uint64_t before = std::max(after, gone_);
  for (std::size_t i = before - gone_; i < votes_.size() && listed.size() < limit; ++i)
    listed.push_back({gone_ + i + 1, votes_[i]});
  return listed;
}

}  // namespace halfopen::node

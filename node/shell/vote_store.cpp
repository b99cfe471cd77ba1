#include "node/shell/vote_store.hpp"

namespace halfopen::node {

Result<void> MemoryVoteStore::put(const Vote& vote, const VoteId& id) {
  if (places_.try_emplace(id, votes_.size()).second) votes_.push_back({vote, id, {}});
  return {};
}

Result<void> MemoryVoteStore::put_delivery(const VoteId& id, const std::string& peer) {
  const auto place = places_.find(id);
  if (place != places_.end()) votes_[place->second].delivered_to.insert(peer);
  return {};
}

}  // namespace halfopen::node

#include "tests/unit/node_disk.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace halfopen::node::test {

std::vector<StoreAnswer> Disk::finish(std::size_t count, bool is_durable) {
  HALFOPEN_ASSERT(count <= waiting_.size());
  std::vector<StoreAnswer> answers;
  for (; count > 0; --count) {
    if (is_durable) apply(waiting_.front().entry);
    answers.push_back({waiting_.front().ticket, is_durable});
    waiting_.pop_front();
  }
  return answers;
}

void Disk::lose_power(std::size_t written) {
  HALFOPEN_ASSERT(written <= waiting_.size());
  for (std::size_t i = 0; i < written; ++i)
    apply(waiting_[i].entry);
  waiting_.clear();
}

Journal Disk::journal() const {
  return {.votes = votes_, .owed = owed_, .evidence = evidence_, .forgotten_up_to = std::nullopt};
}

void Disk::keep(const SignedVote& vote, const VoteId& id) {
  votes_.push_back({vote, id});
  vote_ids_.push_back(id);
  known_.insert(id);
}

void Disk::apply(const JournalEntry& entry) {
  if (const auto* own = std::get_if<KeepOwnVote>(&entry)) {
    keep(own->vote, own->id);
    for (const std::string& peer : own->owed_to)
      owed_[peer].push_back(own->id);
  } else if (const auto* others = std::get_if<KeepPeerVote>(&entry)) {
    keep(others->vote, others->id);
  } else if (const auto* delivery = std::get_if<KeepDelivery>(&entry)) {
    std::vector<VoteId>& owed = owed_[delivery->peer];
    owed.erase(std::remove(owed.begin(), owed.end(), delivery->id), owed.end());
  } else if (const auto* evidence = std::get_if<KeepEvidence>(&entry)) {
    evidence_.push_back(evidence->evidence);
  } else if (const auto* forgotten = std::get_if<ForgetPeer>(&entry)) {
    owed_.erase(forgotten->peer);
  }
}

}  // namespace halfopen::node::test

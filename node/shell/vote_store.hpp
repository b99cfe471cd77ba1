// Where votes are kept: the promise behind an acknowledgement. When put() has answered, the vote is
// found again after the process was killed (memory: for as long as the process lives).
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "node/core/vote.hpp"

namespace halfopen::node {

struct StoredVote {
  Vote vote;
  VoteId id;
  std::set<std::string> delivered_to;  // peers that acknowledged it (own votes)
};

class VoteStore {
 public:
  VoteStore() = default;
  VoteStore(const VoteStore&) = delete;
  VoteStore& operator=(const VoteStore&) = delete;
  virtual ~VoteStore() = default;

  // Keeps the vote, once. On a Problem the vote is not in the store.
  [[nodiscard]] virtual Result<void> put(const Vote& vote, const VoteId& id) = 0;
  // Keeps that the peer has the vote. Losing this only costs a resend.
  [[nodiscard]] virtual Result<void> put_delivery(const VoteId& id, const std::string& peer) = 0;
  // In the order of their coming.
  [[nodiscard]] virtual const std::vector<StoredVote>& votes() const = 0;
};

class MemoryVoteStore final : public VoteStore {
 public:
  [[nodiscard]] Result<void> put(const Vote& vote, const VoteId& id) override;
  [[nodiscard]] Result<void> put_delivery(const VoteId& id, const std::string& peer) override;
  [[nodiscard]] const std::vector<StoredVote>& votes() const override { return votes_; }
  [[nodiscard]] bool contains(const VoteId& id) const { return places_.contains(id); }

 private:
  std::vector<StoredVote> votes_;
  std::map<VoteId, std::size_t> places_;
};

}  // namespace halfopen::node

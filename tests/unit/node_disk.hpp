// A store as the core sees it: entries wait, become durable in their order or fail, and a loss of
// power takes what waits, except some oldest ones that were written and not yet answered.
//
// That exception is the point: a node must be right in both cases, because a crash between the
// write and the answer does not say which one it was.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "node/core/action.hpp"

namespace halfopen::node::test {

class Disk {
 public:
  void put(const Store& action) { waiting_.push_back(action); }
  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }
  // The oldest `count` of those that wait become durable, or fail; what to say in StoreAnswered.
  std::vector<StoreAnswer> finish(std::size_t count, bool is_durable);
  // Everything that waits is gone, but for the oldest `written`, which are there unanswered.
  void lose_power(std::size_t written = 0);

  [[nodiscard]] Journal journal() const;
  // In the order of their coming; one that came twice is here twice.
  [[nodiscard]] const std::vector<KeptVote>& votes() const { return votes_; }
  [[nodiscard]] const std::vector<VoteId>& vote_ids() const { return vote_ids_; }
  [[nodiscard]] bool has(const VoteId& id) const { return known_.contains(id); }
  [[nodiscard]] const std::vector<Equivocation>& evidence() const { return evidence_; }

 private:
  void apply(const JournalEntry& entry);
  void keep(const SignedVote& vote, const VoteId& id);

  std::deque<Store> waiting_;
  std::vector<KeptVote> votes_;
  std::vector<VoteId> vote_ids_;
  std::set<VoteId> known_;
  std::map<std::string, std::vector<VoteId>> owed_;
  std::vector<Equivocation> evidence_;
};

}  // namespace halfopen::node::test

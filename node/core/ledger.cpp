#include "node/core/ledger.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"

namespace halfopen::node {

const Ledger::Known* Ledger::find(const PublicKey& voter, const Slot& slot) const {
  const auto found = voters_.find(voter);
  if (found == voters_.end()) return nullptr;
  const auto vote = found->second.votes.find(slot);
  return vote == found->second.votes.end() ? nullptr : &vote->second;
}

std::optional<Slot> Ledger::highest(const PublicKey& voter) const {
  const auto found = voters_.find(voter);
  if (found == voters_.end() || found->second.votes.empty()) return std::nullopt;
  return found->second.votes.rbegin()->first;
}

std::optional<Slot> Ledger::forgotten_up_to(const PublicKey& voter) const {
  const auto found = voters_.find(voter);
  return found == voters_.end() ? std::nullopt : found->second.forgotten_up_to;
}

void Ledger::add(SignedVote vote, const VoteId& id, State state) {
  const PublicKey key = vote.vote.voter;
  const Slot slot = slot_of(vote.vote);
  Voter& voter = voters_[key];
  const bool is_added = voter.votes.try_emplace(slot, Known{std::move(vote), id, state}).second;
  HALFOPEN_ASSERT(is_added);
  voter.order.push_back(slot);
  ++size_;
  while (voter.order.size() > retention_) {
    const Slot oldest = voter.order.front();
    if (voter.votes.at(oldest).state == State::kPending) break;
    voter.order.pop_front();
    voter.votes.erase(oldest);
    --size_;
    note_forgotten(key, oldest);
  }
}

void Ledger::mark(const PublicKey& voter, const Slot& slot, State state) {
  voters_.at(voter).votes.at(slot).state = state;
}

void Ledger::remove(const PublicKey& voter, const Slot& slot) {
  const auto found = voters_.find(voter);
  if (found == voters_.end() || found->second.votes.erase(slot) == 0) return;
  // It came lately, if it is taken back.
  std::deque<Slot>& order = found->second.order;
  const auto place = std::find(order.rbegin(), order.rend(), slot);
  order.erase(std::next(place).base());
  --size_;
}

void Ledger::note_forgotten(const PublicKey& voter, const Slot& slot) {
  std::optional<Slot>& up_to = voters_[voter].forgotten_up_to;
  if (!up_to || *up_to < slot) up_to = slot;
}

}  // namespace halfopen::node

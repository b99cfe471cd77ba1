#include "node/core/tally.hpp"

#include "base/assert.hpp"
#include "node/core/limits.hpp"

namespace halfopen::node {

bool Tally::count(const PublicKey& voter, const Slot& slot, const std::optional<Choice>& choice,
                  std::uint64_t weight) {
  HALFOPEN_ASSERT(weight > 0);
  Count& counted = slots_[slot][choice];
  counted.weight += weight;
  // Three times the largest sum of weights is far below 2^64.
  const bool is_new = !counted.is_quorum && 3 * counted.weight > 2 * total_weight_;
  counted.is_quorum = counted.is_quorum || is_new;
  std::deque<Counted>& votes = counted_[voter];
  votes.push_back({slot, choice, weight});
  if (votes.size() > kTallyVotesMax) {
    withdraw(votes.front());
    votes.pop_front();
  }
  return is_new;
}

void Tally::withdraw(const Counted& vote) {
  const auto choices = slots_.find(vote.slot);
  const auto counted = choices->second.find(vote.choice);
  counted->second.weight -= vote.weight;
  if (counted->second.weight > 0) return;
  choices->second.erase(counted);
  if (choices->second.empty()) slots_.erase(choices);
}

std::uint64_t Tally::weight_of(const Slot& slot, const std::optional<Choice>& choice) const {
  const auto choices = slots_.find(slot);
  if (choices == slots_.end()) return 0;
  const auto counted = choices->second.find(choice);
  return counted == choices->second.end() ? 0 : counted->second.weight;
}

}  // namespace halfopen::node

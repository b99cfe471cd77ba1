#include "node/core/tally.hpp"

#include "node/core/limits.hpp"

namespace halfopen::node {

bool Tally::count(const Slot& slot, const std::optional<Choice>& choice, std::uint64_t weight) {
  if (dropped_up_to_ && slot <= *dropped_up_to_) return false;
  Count& counted = slots_[slot][choice];
  counted.weight += weight;
  // Three times the largest sum of weights is far below 2^64.
  const bool is_new = !counted.is_quorum && 3 * counted.weight > 2 * total_weight_;
  counted.is_quorum = counted.is_quorum || is_new;
  if (slots_.size() > kTallySlotsMax) {
    dropped_up_to_ = slots_.begin()->first;
    slots_.erase(slots_.begin());
  }
  return is_new;
}

std::uint64_t Tally::weight_of(const Slot& slot, const std::optional<Choice>& choice) const {
  const auto choices = slots_.find(slot);
  if (choices == slots_.end()) return 0;
  const auto counted = choices->second.find(choice);
  return counted == choices->second.end() ? 0 : counted->second.weight;
}

}  // namespace halfopen::node

// Who has how much weight behind it: the sum for each slot and choice, and when it is a quorum.
//
// A quorum is more than two thirds of all weight: any two quorums then share more than a third, so
// they cannot contradict each other unless more than a third votes twice.
//
// The bound is each voter's own: whoever votes for many slots, far ahead or one after the other,
// pushes out its own votes and nobody else's.
//
// Invariant: of each voter the newest kTallyVotesMax votes are counted. The caller counts each
// voter once for a slot.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>

#include "node/core/journal.hpp"

namespace halfopen::node {

class Tally {
 public:
  struct Count {
    std::uint64_t weight = 0;
    bool is_quorum = false;  // and was reported
  };
  using Choices = std::map<std::optional<Choice>, Count>;

  explicit Tally(std::uint64_t total_weight) : total_weight_(total_weight) {}

  // When the weights of the configured voters change. What was counted stays counted.
  void set_total_weight(std::uint64_t total) { total_weight_ = total; }
  // True when it has just become a quorum. The weight must be above 0.
  [[nodiscard]] bool count(const PublicKey& voter, const Slot& slot,
                           const std::optional<Choice>& choice, std::uint64_t weight);

  [[nodiscard]] std::uint64_t total_weight() const { return total_weight_; }
  [[nodiscard]] std::uint64_t weight_of(const Slot& slot,
                                        const std::optional<Choice>& choice) const;
  [[nodiscard]] const std::map<Slot, Choices>& slots() const { return slots_; }

 private:
  struct Counted {
    Slot slot;
    std::optional<Choice> choice;
    std::uint64_t weight = 0;
  };

  void withdraw(const Counted& vote);

  std::uint64_t total_weight_;
  std::map<Slot, Choices> slots_;
  std::map<PublicKey, std::deque<Counted>> counted_;  // in the order of their coming
};

}  // namespace halfopen::node

// Who has how much weight behind it: the sum for each slot and choice, and when it is a quorum.
//
// A quorum is more than two thirds of all weight: any two quorums then share more than a third, so
// they cannot contradict each other unless more than a third votes twice.
//
// Invariant: at most kTallySlotsMax slots are counted; the lowest are dropped first, and a vote for
// one that was dropped counts no more. The caller counts each voter once for a slot.
#pragma once

#include <cstdint>
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
  // True when it has just become a quorum.
  [[nodiscard]] bool count(const Slot& slot, const std::optional<Choice>& choice,
                           std::uint64_t weight);

  [[nodiscard]] std::uint64_t total_weight() const { return total_weight_; }
  [[nodiscard]] std::uint64_t weight_of(const Slot& slot,
                                        const std::optional<Choice>& choice) const;
  [[nodiscard]] const std::map<Slot, Choices>& slots() const { return slots_; }

 private:
  std::uint64_t total_weight_;
  std::map<Slot, Choices> slots_;
  std::optional<Slot> dropped_up_to_;
};

}  // namespace halfopen::node

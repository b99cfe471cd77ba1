// When the line is free again: the virtual finish time of a line of a certain rate.
//
// Intuition: a chunk takes the line for size / rate; the next one begins where it ended. Counted so
// and not from when somebody was woken, the rate is right over any time that a person can measure.
#pragma once

#include <algorithm>

#include "base/time.hpp"

namespace halfopen {

class BandwidthBudget {
 public:
  // Takes the line for `cost`, not before `from`; answers when that is over.
  [[nodiscard]] Instant reserve(Instant from, Duration cost) {
    free_at_ = std::max(free_at_, from) + cost;
    return free_at_;
  }
  // What was left unused before `at` cannot be made up for.
  void expire_until(Instant at) { free_at_ = std::max(free_at_, at); }

 private:
  Instant free_at_;
};

}  // namespace halfopen

// So many lines a second, and beyond them only a count.
//
// At thousands of votes a second a line for each would fill the disk and cost more than the votes,
// and nobody reads it; the first ones of each second still tell a person what is going on.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>

#include "base/time.hpp"

namespace halfopen::node {

class LineBudget {
 public:
  explicit LineBudget(std::size_t lines_a_second) : lines_max_(lines_a_second) {}

  // Whether a line may be written now.
  [[nodiscard]] bool take(Instant now) {
    if (!second_ends_ || now >= *second_ends_) {
      second_ends_ = now + std::chrono::seconds(1);
      lines_ = 0;
      due_ += std::exchange(left_out_, 0);
    }
    if (lines_ == lines_max_) {
      ++left_out_;
      return false;
    }
    ++lines_;
    return true;
  }

  // How many were left out in the seconds before this one: once, for a line that says so.
  [[nodiscard]] std::size_t take_left_out() { return std::exchange(due_, 0); }

 private:
  std::size_t lines_max_;
  std::size_t lines_ = 0;
  std::size_t left_out_ = 0;
  std::size_t due_ = 0;
  std::optional<Instant> second_ends_;
};

}  // namespace halfopen::node

// How many lines a second of one kind are written: the first ones of each second tell the story,
// and of the others only their number is of interest.
#pragma once

#include <cstdint>
#include <optional>

#include "base/time.hpp"

namespace halfopen::node {

class LineLimit {
 public:
  explicit LineLimit(std::uint64_t lines_a_second) : lines_a_second_(lines_a_second) {}

  struct Answer {
    bool is_allowed = false;
    // To be said first: so many lines were left out before this one.
    std::uint64_t left_out = 0;
  };
  Answer ask(Instant now) {
    if (!second_began_ || now - *second_began_ >= std::chrono::seconds(1)) {
      second_began_ = now;
      written_ = 0;
    }
    if (written_ >= lines_a_second_) {
      ++left_out_;
      return {};
    }
    ++written_;
    const Answer answer{true, left_out_};
    left_out_ = 0;
    return answer;
  }

 private:
  std::uint64_t lines_a_second_;
  std::optional<Instant> second_began_;
  std::uint64_t written_ = 0;
  std::uint64_t left_out_ = 0;
};

}  // namespace halfopen::node

// Does the store still work? It is asked nothing extra: what it answers, and for how long it has
// answered nothing, is enough.
//
// Not remembered across good answers: a disk that was full and is not any more is a good one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/assert.hpp"
#include "base/time.hpp"
#include "node/core/journal.hpp"

namespace halfopen::node {

class StoreHealth {
 public:
  // A sync takes milliseconds, on a bad day a second.
  static constexpr Duration kStuckAfter = std::chrono::seconds(10);

  enum class State : std::uint8_t {
    kGood,
    kFailed,  // the last entry is not in the store
    kStuck,   // entries wait, and nothing was answered for kStuckAfter
  };

  void on_put(Instant now) {
    if (waiting_++ == 0) silent_since_ = now;
  }
  void on_answers(std::span<const StoreAnswer> answers, Instant now) {
    if (answers.empty()) return;
    HALFOPEN_ASSERT(answers.size() <= waiting_);
    waiting_ -= answers.size();
    silent_since_ = now;
    is_last_good_ = answers.back().is_durable;
  }

  [[nodiscard]] State state(Instant now) const {
    if (waiting_ > 0 && now - silent_since_ >= kStuckAfter) return State::kStuck;
    return is_last_good_ ? State::kGood : State::kFailed;
  }
  // Entries that the store was given and has not answered.
  [[nodiscard]] std::size_t waiting() const { return waiting_; }

 private:
  std::size_t waiting_ = 0;
  Instant silent_since_;
  bool is_last_good_ = true;
};

}  // namespace halfopen::node

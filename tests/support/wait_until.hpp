// The one way in which a test waits: for a condition, with a deadline.
#pragma once

#include <poll.h>

#include <chrono>

namespace halfopen::test {

// True as soon as `condition()` is; false when the deadline passes first.
template <class Condition>
[[nodiscard]] bool wait_until(Condition condition, std::chrono::milliseconds within) {
  const auto deadline = std::chrono::steady_clock::now() + within;
  for (;;) {
    if (condition()) return true;
    if (std::chrono::steady_clock::now() >= deadline) return false;
    poll(nullptr, 0, 2);
  }
}

// True when `condition()` held at every look during the whole span: for proofs of silence.
template <class Condition>
[[nodiscard]] bool holds_for(Condition condition, std::chrono::milliseconds span) {
  return !wait_until([&] { return !condition(); }, span);
}

}  // namespace halfopen::test

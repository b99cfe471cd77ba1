// How long to wait before the next dial: full jitter. Every waiting time is drawn from zero up to a
// ceiling that doubles, so a thousand nodes that lost the same peer do not come back in one wave.
//
// It never gives up: the ceiling stops growing, the attempts do not stop.
#pragma once

#include <cstdint>

#include "base/prng.hpp"
#include "base/time.hpp"

namespace halfopen::node {

class Backoff {
 public:
  struct Bounds {
    Duration min{};  // the first ceiling
    Duration max{};  // the last one
  };

  Backoff(Bounds bounds, Prng prng) : bounds_(bounds), prng_(prng) {}

  // Draws the next waiting time, in [0, ceiling()], then doubles the ceiling.
  Duration next();
  // The peer was healthy: the next outage starts small again.
  void reset() { attempts_ = 0; }

  [[nodiscard]] Duration ceiling() const;
  [[nodiscard]] std::uint64_t attempts() const { return attempts_; }

 private:
  Bounds bounds_;
  Prng prng_;
  std::uint64_t attempts_ = 0;
};

}  // namespace halfopen::node

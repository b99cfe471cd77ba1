#include "node/core/backoff.hpp"

#include <algorithm>

namespace halfopen::node {

Duration Backoff::ceiling() const {
  Duration ceiling = std::min(bounds_.min, bounds_.max);
  for (std::uint64_t i = 0; i < attempts_ && ceiling < bounds_.max; ++i) {
    // Halving the bound instead of doubling the value cannot overflow.
    if (ceiling > bounds_.max / 2) return bounds_.max;
    ceiling *= 2;
  }
  return ceiling;
}

Duration Backoff::next() {
  const auto bound = static_cast<std::uint64_t>(ceiling().count()) + 1;
  ++attempts_;
  return Duration{static_cast<std::int64_t>(prng_.below(bound))};
}

}  // namespace halfopen::node

// How many connections of strangers are looked at, so that a flood of them costs little.
//
// Nobody can tell a peer from a stranger before the handshake, so the limit is kept by where a
// connection comes from: a flood uses up its own share. The shares lie in a table of fixed size, at
// a place that the address and a secret seed decide; two addresses that meet there share, which a
// stranger cannot arrange.
#pragma once

#include <array>
#include <cstdint>

#include "base/time.hpp"
#include "node/core/limits.hpp"

namespace halfopen::node {

// So many at once, and after that one an interval.
class RateLimit {
 public:
  RateLimit(Duration interval, int burst) : interval_(interval), slack_(interval * (burst - 1)) {}

  [[nodiscard]] bool admit(Instant now) {
    if (now + slack_ < due_) return false;
    due_ = (due_ < now ? now : due_) + interval_;
    return true;
  }

 private:
  Duration interval_;
  Duration slack_;
  Instant due_;  // of the next one, if they came evenly
};

class StrangerLimit {
 public:
  static constexpr std::size_t kShares = 256;

  explicit StrangerLimit(std::uint64_t seed);

  // `source` is the same for all connections of one host.
  [[nodiscard]] bool admit(std::uint64_t source, Instant now);

 private:
  std::uint64_t seed_;
  std::array<RateLimit, kShares> shares_;
};

}  // namespace halfopen::node

// Seeded pseudo-random integers. Standard distributions differ between standard libraries, so a
// seed would not reproduce; these few functions do. (xoshiro256** seeded by splitmix64,
// Blackman and Vigna 2018; public domain algorithms.)
//
// Each component forks its own generator by label, so that one more draw in one component does
// not change what another one sees.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace halfopen {

class Prng {
 public:
  explicit Prng(std::uint64_t seed);

  // A uniformly distributed 64-bit number.
  std::uint64_t next();
  // Uniform in [0, bound), without modulo bias. bound must not be 0.
  std::uint64_t below(std::uint64_t bound);
  // True with probability numerator/denominator. denominator must not be 0.
  bool chance(std::uint64_t numerator, std::uint64_t denominator);
  // An independent generator that depends on this one's seed and the label, not on its draws.
  [[nodiscard]] Prng fork(std::string_view label) const;

 private:
  std::uint64_t seed_;
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace halfopen

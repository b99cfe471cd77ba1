#include "node/core/backoff.hpp"

#include <gtest/gtest.h>

namespace halfopen::node {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Backoff::Bounds kBounds{.min = milliseconds(100), .max = seconds(5)};

TEST(NodeBackoff, TheCeilingDoublesUpToItsBound) {
  Backoff backoff(kBounds, Prng{1});
  for (const int expected : {100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000}) {
    EXPECT_EQ(backoff.ceiling(), milliseconds(expected));
    const Duration ceiling = backoff.ceiling();
    const Duration wait = backoff.next();
    EXPECT_GE(wait, Duration{0});
    EXPECT_LE(wait, ceiling);
  }
}

TEST(NodeBackoff, JitterIsFull) {
  int low = 0;
  int high = 0;
  for (std::uint64_t seed = 0; seed < 1'000; ++seed) {
    Backoff backoff(kBounds, Prng{seed});
    for (int i = 0; i < 10; ++i)
      (void)backoff.next();
    const Duration wait = backoff.next();
    low += wait < seconds(1) ? 1 : 0;
    high += wait > seconds(4) ? 1 : 0;
  }
  EXPECT_NEAR(low, 200, 50);
  EXPECT_NEAR(high, 200, 50);
}

TEST(NodeBackoff, TheSeedDecides) {
  Backoff first(kBounds, Prng{7});
  Backoff second(kBounds, Prng{7});
  Backoff third(kBounds, Prng{8});
  bool differs = false;
  for (int i = 0; i < 20; ++i) {
    const Duration wait = first.next();
    EXPECT_EQ(wait, second.next());
    differs = differs || wait != third.next();
  }
  EXPECT_TRUE(differs);
}

TEST(NodeBackoff, NeverGivesUpNorOverflows) {
  Backoff backoff({.min = Duration{1}, .max = Duration::max() / 4}, Prng{1});
  for (int i = 0; i < 10'000; ++i) {
    const Duration wait = backoff.next();
    EXPECT_GE(wait, Duration{0});
    EXPECT_LE(wait, Duration::max() / 4);
  }
}

TEST(NodeBackoff, ResetStartsSmallAgain) {
  Backoff backoff(kBounds, Prng{1});
  for (int i = 0; i < 10; ++i)
    (void)backoff.next();
  backoff.reset();
  EXPECT_EQ(backoff.ceiling(), milliseconds(100));
}

}  // namespace
}  // namespace halfopen::node

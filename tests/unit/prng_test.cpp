#include "base/prng.hpp"

#include <gtest/gtest.h>

#include <array>

namespace halfopen {
namespace {

TEST(Prng, SameSeedSameNumbers) {
  Prng first{42};
  Prng second{42};
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(first.next(), second.next());
}

TEST(Prng, ForkDependsOnTheLabelAndNotOnDraws) {
  Prng parent{7};
  Prng before = parent.fork("backoff");
  parent.next();
  Prng after = parent.fork("backoff");
  EXPECT_EQ(before.next(), after.next());
  EXPECT_NE(parent.fork("backoff").next(), parent.fork("dial").next());
}

TEST(Prng, BelowCoversItsRangeEvenly) {
  Prng prng{1};
  std::array<int, 5> counts{};
  for (int i = 0; i < 50'000; ++i)
    ++counts.at(prng.below(5));
  for (const int count : counts)
    EXPECT_NEAR(count, 10'000, 500);
}

}  // namespace
}  // namespace halfopen

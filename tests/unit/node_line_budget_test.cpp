#include "node/shell/line_budget.hpp"

#include <gtest/gtest.h>

namespace halfopen::node {
namespace {

using std::chrono::milliseconds;

TEST(LineBudget, GivesSoManyASecondAndTellsOnceWhatWasLeftOut) {
  LineBudget budget(2);
  const Instant start;
  EXPECT_TRUE(budget.take(start));
  EXPECT_TRUE(budget.take(start + milliseconds(10)));
  EXPECT_FALSE(budget.take(start + milliseconds(20)));
  EXPECT_FALSE(budget.take(start + milliseconds(999)));
  EXPECT_EQ(budget.take_left_out(), 0U) << "the second is not over";
  EXPECT_TRUE(budget.take(start + milliseconds(1000)));
  EXPECT_EQ(budget.take_left_out(), 2U);
  EXPECT_EQ(budget.take_left_out(), 0U) << "said already";
}

TEST(LineBudget, StartsAFreshSecondWithTheFirstLineAfterAPause) {
  LineBudget budget(1);
  const Instant start;
  EXPECT_TRUE(budget.take(start));
  EXPECT_TRUE(budget.take(start + milliseconds(1900)));
  EXPECT_FALSE(budget.take(start + milliseconds(2800))) << "0.9 s after the one before";
  EXPECT_TRUE(budget.take(start + milliseconds(2900)));
}

}  // namespace
}  // namespace halfopen::node

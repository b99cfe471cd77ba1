#include "node/core/tally.hpp"

#include <gtest/gtest.h>

#include "node/core/limits.hpp"

namespace halfopen::node {
namespace {

constexpr Slot kSlot{.height = 1};

TEST(NodeTally, TwoThirdsAreNoQuorumAndOneMoreIs) {
  Tally tally(3);
  EXPECT_FALSE(tally.count(kSlot, std::nullopt, 1));
  EXPECT_FALSE(tally.count(kSlot, std::nullopt, 1)) << "two of three are just two thirds";
  EXPECT_TRUE(tally.count(kSlot, std::nullopt, 1));
  Tally four(4);
  EXPECT_FALSE(four.count(kSlot, std::nullopt, 2));
  EXPECT_TRUE(four.count(kSlot, std::nullopt, 1));
  Tally hundred(100);
  EXPECT_FALSE(hundred.count(kSlot, std::nullopt, 66));
  EXPECT_TRUE(hundred.count(kSlot, std::nullopt, 1));
}

TEST(NodeTally, IsReportedOnceForASlotAndChoice) {
  Tally tally(4);
  EXPECT_TRUE(tally.count(kSlot, std::nullopt, 3));
  EXPECT_FALSE(tally.count(kSlot, std::nullopt, 1));
  EXPECT_EQ(tally.weight_of(kSlot, std::nullopt), 4U);
  EXPECT_TRUE(tally.count({.height = 2}, std::nullopt, 3)) << "another slot";
  EXPECT_TRUE(tally.count({.height = 1, .round = 1}, std::nullopt, 3));
  EXPECT_TRUE(tally.count({.height = 1, .kind = VoteKind::kPrevote}, std::nullopt, 3));
}

TEST(NodeTally, ChoicesDoNotAddUp) {
  Tally tally(3);
  EXPECT_FALSE(tally.count(kSlot, std::nullopt, 2));
  EXPECT_FALSE(tally.count(kSlot, Choice{}, 1));
  EXPECT_EQ(tally.weight_of(kSlot, std::nullopt), 2U);
  EXPECT_EQ(tally.weight_of(kSlot, Choice{}), 1U);
  EXPECT_EQ(tally.weight_of({.height = 9}, Choice{}), 0U);
}

TEST(NodeTally, TheLargestWeightsDoNotOverflow) {
  const std::uint64_t total = (kPeersMax + 1) * kWeightMax;
  Tally tally(total);
  EXPECT_FALSE(tally.count(kSlot, std::nullopt, total / 3 * 2));
  EXPECT_TRUE(tally.count(kSlot, std::nullopt, total - total / 3 * 2));
}

TEST(NodeTally, DropsTheLowestSlotsAndCountsThemNoMore) {
  Tally tally(3);
  for (std::uint64_t height = 1; height <= kTallySlotsMax + 1; ++height)
    (void)tally.count({.height = height}, std::nullopt, 1);
  EXPECT_EQ(tally.slots().size(), kTallySlotsMax);
  EXPECT_EQ(tally.weight_of({.height = 1}, std::nullopt), 0U);
  EXPECT_FALSE(tally.count({.height = 1}, std::nullopt, 3));
  EXPECT_EQ(tally.slots().size(), kTallySlotsMax);
  EXPECT_EQ(tally.weight_of({.height = 2}, std::nullopt), 1U);
}

}  // namespace
}  // namespace halfopen::node

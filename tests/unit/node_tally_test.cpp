#include "node/core/tally.hpp"

#include <gtest/gtest.h>

#include <string>

#include "node/core/limits.hpp"

namespace halfopen::node {
namespace {

const PublicKey kVoter;
constexpr Slot kSlot{.height = 1};

TEST(NodeTally, TwoThirdsAreNoQuorumAndOneMoreIs) {
  Tally tally(3);
  EXPECT_FALSE(tally.count(kVoter, kSlot, std::nullopt, 1));
  EXPECT_FALSE(tally.count(kVoter, kSlot, std::nullopt, 1)) << "two of three are just two thirds";
  EXPECT_TRUE(tally.count(kVoter, kSlot, std::nullopt, 1));
  Tally four(4);
  EXPECT_FALSE(four.count(kVoter, kSlot, std::nullopt, 2));
  EXPECT_TRUE(four.count(kVoter, kSlot, std::nullopt, 1));
  Tally hundred(100);
  EXPECT_FALSE(hundred.count(kVoter, kSlot, std::nullopt, 66));
  EXPECT_TRUE(hundred.count(kVoter, kSlot, std::nullopt, 1));
}

TEST(NodeTally, IsReportedOnceForASlotAndChoice) {
  Tally tally(4);
  EXPECT_TRUE(tally.count(kVoter, kSlot, std::nullopt, 3));
  EXPECT_FALSE(tally.count(kVoter, kSlot, std::nullopt, 1));
  EXPECT_EQ(tally.weight_of(kSlot, std::nullopt), 4U);
  EXPECT_TRUE(tally.count(kVoter, {.height = 2}, std::nullopt, 3)) << "another slot";
  EXPECT_TRUE(tally.count(kVoter, {.height = 1, .round = 1}, std::nullopt, 3));
  EXPECT_TRUE(tally.count(kVoter, {.height = 1, .kind = VoteKind::kPrevote}, std::nullopt, 3));
}

TEST(NodeTally, ChoicesDoNotAddUp) {
  Tally tally(3);
  EXPECT_FALSE(tally.count(kVoter, kSlot, std::nullopt, 2));
  EXPECT_FALSE(tally.count(kVoter, kSlot, Choice{}, 1));
  EXPECT_EQ(tally.weight_of(kSlot, std::nullopt), 2U);
  EXPECT_EQ(tally.weight_of(kSlot, Choice{}), 1U);
  EXPECT_EQ(tally.weight_of({.height = 9}, Choice{}), 0U);
}

TEST(NodeTally, TheLargestWeightsDoNotOverflow) {
  const std::uint64_t total = (kPeersMax + 1) * kWeightMax;
  Tally tally(total);
  EXPECT_FALSE(tally.count(kVoter, kSlot, std::nullopt, total / 3 * 2));
  EXPECT_TRUE(tally.count(kVoter, kSlot, std::nullopt, total - total / 3 * 2));
}

PublicKey other_voter() {
  return *PublicKey::from_hex(std::string(64, 'a'));
}

// A voter that votes for ten thousand far heights must not keep the others from being counted.
TEST(NodeTally, AVoterPushesOutItsOwnVotesOnly) {
  Tally tally(4);
  EXPECT_FALSE(tally.count(other_voter(), kSlot, std::nullopt, 1));
  EXPECT_FALSE(tally.count(kVoter, kSlot, std::nullopt, 1));
  for (std::uint64_t i = 0; i < kTallyVotesMax; ++i)
    (void)tally.count(kVoter, {.height = ~i}, Choice{}, 1);
  EXPECT_EQ(tally.weight_of(kSlot, std::nullopt), 1U) << "the other one's";
  EXPECT_EQ(tally.slots().size(), kTallyVotesMax + 1);
  (void)tally.count(kVoter, {.height = 2}, std::nullopt, 1);
  EXPECT_EQ(tally.slots().size(), kTallyVotesMax + 1) << "one came and one went";
  EXPECT_EQ(tally.weight_of({.height = ~std::uint64_t{0}}, Choice{}), 0U);
  EXPECT_TRUE(tally.count(other_voter(), {.height = 3}, std::nullopt, 3)) << "still counted";
}

}  // namespace
}  // namespace halfopen::node

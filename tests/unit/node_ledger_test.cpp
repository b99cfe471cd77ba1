#include "node/core/ledger.hpp"

#include <gtest/gtest.h>

#include "tests/unit/node_keys.hpp"

namespace halfopen::node::test {
namespace {

// Unsigned: the ledger does not look at signatures.
SignedVote vote_at(const std::string& voter, std::uint64_t height) {
  SignedVote vote;
  vote.vote = {.network = "lab", .height = height, .voter = test_key(voter).public_key()};
  return vote;
}

void add(Ledger& ledger, const SignedVote& vote, Ledger::State state = Ledger::State::kDurable) {
  ledger.add(vote, id_of(vote.vote), state);
}

TEST(NodeLedger, KnowsOneVoteAVoterAndSlot) {
  Ledger ledger(10);
  const SignedVote vote = vote_at("n1", 7);
  add(ledger, vote, Ledger::State::kPending);
  const auto* known = ledger.find(vote.vote.voter, slot_of(vote.vote));
  ASSERT_NE(known, nullptr);
  EXPECT_EQ(known->id, id_of(vote.vote));
  EXPECT_EQ(known->state, Ledger::State::kPending);
  ledger.mark(vote.vote.voter, slot_of(vote.vote), Ledger::State::kDurable);
  EXPECT_EQ(known->state, Ledger::State::kDurable);
  EXPECT_EQ(ledger.find(test_key("n2").public_key(), slot_of(vote.vote)), nullptr);
  EXPECT_EQ(ledger.find(vote.vote.voter, Slot{.height = 8}), nullptr);
}

TEST(NodeLedger, ForgetsTheOldestOfAVoterAndSaysUpToWhere) {
  Ledger ledger(3);
  const PublicKey one = test_key("n1").public_key();
  add(ledger, vote_at("n2", 1));
  for (const std::uint64_t height : std::vector<std::uint64_t>{9, 2, 3, 4})
    add(ledger, vote_at("n1", height));
  EXPECT_EQ(ledger.size(), 4U);
  EXPECT_EQ(ledger.find(one, slot_of(vote_at("n1", 9).vote)), nullptr) << "it came first";
  EXPECT_NE(ledger.find(one, slot_of(vote_at("n1", 2).vote)), nullptr);
  EXPECT_EQ(ledger.forgotten_up_to(one), slot_of(vote_at("n1", 9).vote));
  EXPECT_EQ(ledger.highest(one), slot_of(vote_at("n1", 4).vote));
  add(ledger, vote_at("n1", 5));
  EXPECT_EQ(ledger.forgotten_up_to(one), slot_of(vote_at("n1", 9).vote)) << "never lower";
  EXPECT_EQ(ledger.forgotten_up_to(test_key("n2").public_key()), std::nullopt);
}

// The store's answer looks the vote up.
TEST(NodeLedger, ForgetsNothingThatIsOnItsWayToTheStore) {
  Ledger ledger(2);
  const SignedVote slow = vote_at("n1", 1);
  add(ledger, slow, Ledger::State::kFailed);
  add(ledger, vote_at("n1", 2));
  ledger.mark(slow.vote.voter, slot_of(slow.vote), Ledger::State::kPending);
  add(ledger, vote_at("n1", 3));
  ASSERT_NE(ledger.find(slow.vote.voter, slot_of(slow.vote)), nullptr);
  ledger.mark(slow.vote.voter, slot_of(slow.vote), Ledger::State::kDurable);
  add(ledger, vote_at("n1", 4));
  EXPECT_EQ(ledger.find(slow.vote.voter, slot_of(slow.vote)), nullptr);
  EXPECT_EQ(ledger.size(), 2U);
}

TEST(NodeLedger, WhatIsTakenBackMayComeAgain) {
  Ledger ledger(2);
  const SignedVote vote = vote_at("n1", 1);
  add(ledger, vote);
  ledger.remove(vote.vote.voter, slot_of(vote.vote));
  EXPECT_EQ(ledger.size(), 0U);
  ledger.remove(vote.vote.voter, slot_of(vote.vote));
  add(ledger, vote);
  add(ledger, vote_at("n1", 2));
  add(ledger, vote_at("n1", 3));
  EXPECT_EQ(ledger.size(), 2U);
  EXPECT_EQ(ledger.find(vote.vote.voter, slot_of(vote.vote)), nullptr);
}

}  // namespace
}  // namespace halfopen::node::test

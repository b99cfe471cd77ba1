// Casting: what a caller is told and when, and which votes a node never signs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "node/core/limits.hpp"
#include "tests/unit/node_endpoint.hpp"
#include "tests/unit/node_simulation.hpp"

namespace halfopen::node::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

CastAnswer refused(CastRefusal refusal) {
  return refusal;
}

TEST(NodeCast, HeightsGoOnAfterARestart) {
  Simulation simulation = make_connected_pair(Preset::kResilient);
  simulation.cast(kOne);
  simulation.cast(kOne);
  simulation.kill(kOne);
  simulation.restart(kOne);
  simulation.cast(kOne);
  EXPECT_EQ(simulation.disk(kOne).votes().back().vote.vote.height, 3U);
}

TEST(NodeCast, NobodyIsToldAndNothingIsSentBeforeTheStoreAnswers) {
  Endpoint node(make_settings("n1", {"n2"}));
  const ConnectionId connection = node.connect("n2");
  const std::uint64_t ticket = node.request({.height = 7});
  EXPECT_THAT(node.answers(), IsEmpty());
  EXPECT_THAT(node.take_written(connection), IsEmpty());
  node.answer_stores();
  EXPECT_TRUE(std::holds_alternative<VoteId>(node.answers().at(ticket)));
  EXPECT_THAT(node.take_written(connection), SizeIs(1));
  EXPECT_THAT(node.take_notes<note::VoteCast>(), SizeIs(1));
}

TEST(NodeCast, TwoDifferentVotesForOneSlotAreRefused) {
  Endpoint node(make_settings("n1", {}));
  const VoteId first = node.cast({.height = 7});
  EXPECT_EQ(node.cast({.height = 7, .time_milliseconds = 5}), first) << "the very same";
  const auto other = node.request({.height = 7, .choice = Choice{}});
  EXPECT_EQ(node.answers().at(other), refused(CastRefusal::kConflict));
  EXPECT_NE(node.cast({.height = 7, .kind = VoteKind::kPrevote}), first);
}

// Two callers at once: the slot is taken before the store has answered.
TEST(NodeCast, ASlotIsTakenWhileItsVoteIsBeingStored) {
  Endpoint node(make_settings("n1", {}));
  const auto first = node.request({.height = 7});
  const auto same = node.request({.height = 7});
  const auto other = node.request({.height = 7, .choice = Choice{}});
  EXPECT_EQ(node.answers().at(other), refused(CastRefusal::kConflict));
  EXPECT_EQ(node.disk().waiting(), 1U);
  node.answer_stores();
  EXPECT_EQ(node.answers().at(first), node.answers().at(same));
  EXPECT_THAT(node.disk().votes(), SizeIs(1));
}

TEST(NodeCast, AFailedStoreIsSaidAndTheSameVoteMayBeCastAgain) {
  Endpoint node(make_settings("n1", {"n2"}));
  const ConnectionId connection = node.connect("n2");
  const auto first = node.request({.height = 7, .time_milliseconds = 1});
  node.answer_stores(false);
  EXPECT_EQ(node.answers().at(first), refused(CastRefusal::kStoreFailed));
  EXPECT_THAT(node.take_written(connection), IsEmpty());
  const auto other = node.request({.height = 7, .choice = Choice{}});
  EXPECT_EQ(node.answers().at(other), refused(CastRefusal::kConflict))
      << "it was signed, and who knows what the store has";
  const VoteId id = node.cast({.height = 7, .time_milliseconds = 2});
  EXPECT_THAT(node.disk().vote_ids(), ElementsAre(id));
  EXPECT_EQ(node.disk().votes()[0].vote.vote.time_milliseconds, 1) << "signed once";
}

TEST(NodeCast, WhoWaitsForPeersIsAnsweredWhenAllHaveAcknowledged) {
  Endpoint node(make_settings("n1", {"n2", "n3"}));
  const ConnectionId two = node.connect("n2");
  const ConnectionId three = node.connect("n3");
  const auto ticket = node.request({.height = 7}, true);
  node.answer_stores();
  ASSERT_THAT(node.disk().votes(), SizeIs(1));
  const VoteId id = node.disk().votes()[0].id;
  node.say(two, Ack{{id}});
  EXPECT_THAT(node.answers(), IsEmpty());
  node.say(two, Ack{{id}});
  EXPECT_THAT(node.answers(), IsEmpty()) << "twice the same is one";
  node.say(three, Ack{{id}});
  EXPECT_EQ(node.answers().at(ticket), CastAnswer{id});
  const auto late = node.request({.height = 7}, true);
  EXPECT_EQ(node.answers().at(late), CastAnswer{id}) << "nobody is owed it any more";
}

// What a crash leaves: the vote may be in the store or not, and both are right.
TEST(NodeCast, AVoteThatWasWrittenButNotAnsweredIsKeptAndDelivered) {
  for (const std::size_t written : {std::size_t{0}, std::size_t{1}}) {
    Simulation simulation = make_connected_pair(Preset::kResilient);
    simulation.set_store_delay(kOne, std::chrono::seconds(1));
    const auto ticket = simulation.request(kOne, {.height = 7});
    simulation.kill(kOne, written);
    EXPECT_FALSE(simulation.answer(kOne, ticket));
    simulation.restart(kOne);
    const auto other = simulation.request(kOne, {.height = 7, .choice = Choice{}});
    simulation.run_for(std::chrono::seconds(10));
    ASSERT_THAT(simulation.stored(kTwo), SizeIs(1));
    const bool conflicts = simulation.answer(kOne, other) == refused(CastRefusal::kConflict);
    EXPECT_EQ(conflicts, written == 1);
  }
}

// Acknowledgements that a failing store did not take are owed again after a restart, and may be
// more than an outbox takes of new votes. None is given up: each was accepted once.
TEST(NodeCast, WhatTheStoreOwesIsOwedHoweverMuchItIs) {
  Journal journal;
  for (std::size_t i = 0; i < kOutboxVotesMax + 2; ++i) {
    SignedVote vote;
    vote.vote = {.network = "lab", .height = i + 1, .voter = test_key("n1").public_key()};
    const VoteId id = id_of(vote.vote);
    journal.votes.push_back({vote, id});
    journal.owed["n2"].push_back(id);
  }
  Endpoint node(make_settings("n1", {"n2", "n3"}), journal);
  EXPECT_THAT(node.take_notes<note::VoteAbandoned>(), IsEmpty());
  EXPECT_EQ(node.peer("n2").outbox().size(), kOutboxVotesMax + 2);
  EXPECT_TRUE(node.peer("n3").outbox().is_empty());
  const auto more = node.request({});
  EXPECT_EQ(node.answers().at(more), refused(CastRefusal::kOutboxFull));
}

// Otherwise it would be accepted, and given up for the peer that has no room.
TEST(NodeCast, AFailedVoteIsCastAgainOnlyWhenThereIsRoom) {
  Endpoint node(make_settings("n1", {"n2"}));
  node.request({.height = 1});
  node.answer_stores(false);
  for (std::size_t i = 0; i < kOutboxVotesMax; ++i)
    node.request({.height = i + 2});
  const auto early = node.request({.height = 1});
  EXPECT_EQ(node.answers().at(early), refused(CastRefusal::kOutboxFull));
  node.answer_stores();
  const auto again = node.request({.height = 1});
  EXPECT_EQ(node.answers().at(again), refused(CastRefusal::kOutboxFull));
  const ConnectionId connection = node.connect("n2");
  node.say(connection, Ack{{node.disk().vote_ids().front()}});
  const auto at_last = node.request({.height = 1});
  node.answer_stores();
  EXPECT_TRUE(std::holds_alternative<VoteId>(node.answers().at(at_last)));
  EXPECT_THAT(node.take_notes<note::VoteAbandoned>(), IsEmpty());
}

TEST(NodeCast, CallersThatWaitAreBounded) {
  Endpoint node(make_settings("n1", {"n2"}));
  for (std::size_t i = 0; i <= kWaitingCallersMax; ++i)
    node.request({.height = 1}, true);
  EXPECT_THAT(node.answers(), SizeIs(1)) << "while it is being stored";
  node.answer_stores();
  EXPECT_THAT(node.answers(), SizeIs(1));
  const auto more = node.request({.height = 1}, true);
  EXPECT_EQ(node.answers().at(more), refused(CastRefusal::kOutboxFull));
  const auto other = node.request({.height = 2}, true);
  EXPECT_EQ(node.answers().at(other), refused(CastRefusal::kOutboxFull)) << "and it is not signed";
  node.cast({.height = 2, .choice = Choice{}});
  const VoteId id = node.disk().vote_ids().front();
  node.say(node.connect("n2"), Ack{node.disk().vote_ids()});
  EXPECT_EQ(node.answers().at(1), CastAnswer{id});
  EXPECT_THAT(node.answers(), SizeIs(kWaitingCallersMax + 4)) << "all have an answer";
  const auto late = node.request({.height = 3}, true);
  node.answer_stores();
  EXPECT_FALSE(node.answers().contains(late)) << "there is room again";
}

}  // namespace
}  // namespace halfopen::node::test

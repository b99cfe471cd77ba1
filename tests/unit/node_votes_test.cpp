// A peer's votes, one message at a time: what is stored, acknowledged, refused.
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

// A node n2 that n1 has connected to.
struct Listener : Endpoint {
  explicit Listener(const Journal& journal = {})
      : Endpoint(make_settings("n2", {"n1", "n3"}), journal), connection(connect("n1")) {}
  ConnectionId connection;

  void take(const SignedVote& vote) { say(connection, VoteMessage{vote}); }
};

Message ack_of(const SignedVote& vote) {
  return Ack{{id_of(vote.vote)}};
}

// A node that acknowledged first would lose the vote if it died in between.
TEST(NodeVotes, NothingIsAcknowledgedBeforeTheStoreAnswers) {
  Listener listener;
  const SignedVote vote = vote_by("n1", {.height = 1});
  listener.take(vote);
  EXPECT_EQ(listener.disk().waiting(), 1U);
  EXPECT_THAT(listener.take_written(listener.connection), IsEmpty());
  listener.answer_stores();
  EXPECT_THAT(listener.take_written(listener.connection), ElementsAre(ack_of(vote)));
}

TEST(NodeVotes, AVoteThatTheStoreRefusedIsNotAcknowledgedAndMayComeAgain) {
  Listener listener;
  const SignedVote vote = vote_by("n1", {.height = 1});
  listener.take(vote);
  listener.answer_stores(false);
  EXPECT_THAT(listener.take_written(listener.connection), IsEmpty());
  listener.take(vote);
  listener.answer_stores();
  EXPECT_THAT(listener.take_written(listener.connection), ElementsAre(ack_of(vote)));
  EXPECT_THAT(listener.disk().votes(), SizeIs(1));
}

TEST(NodeVotes, ADuplicateIsAcknowledgedAgainAndStoredOnce) {
  const SignedVote vote = vote_by("n1", {.height = 1});
  Journal journal;
  journal.votes.push_back({vote, id_of(vote.vote)});
  Listener listener(journal);
  listener.take(vote);
  EXPECT_EQ(listener.disk().waiting(), 0U);
  EXPECT_THAT(listener.take_written(listener.connection), ElementsAre(ack_of(vote)));
  const auto received = listener.take_notes<note::VoteReceived>();
  ASSERT_THAT(received, SizeIs(1));
  EXPECT_EQ(received[0].outcome, note::Received::kDuplicate);
}

// The store answers once, and so does the node.
TEST(NodeVotes, AVoteThatComesAgainWhileItIsBeingStoredIsAcknowledgedOnce) {
  Listener listener;
  const SignedVote vote = vote_by("n1", {.height = 1});
  listener.take(vote);
  listener.take(vote);
  EXPECT_EQ(listener.disk().waiting(), 1U);
  listener.answer_stores();
  EXPECT_THAT(listener.take_written(listener.connection), ElementsAre(ack_of(vote)));
}

// A good vote behind the bad one must still be stored: the connection stays.
TEST(NodeVotes, ABadVoteIsRefusedAndTheConnectionStays) {
  SignedVote unsigned_vote = vote_by("n1", {.height = 1});
  unsigned_vote.signature[0] ^= 1U;
  const std::vector<std::pair<SignedVote, Refusal>> bad{
      {vote_by("n1", {.network = "other", .height = 1}), Refusal::kWrongNetwork},
      {vote_by("n3", {.height = 1}), Refusal::kWrongVoter},
      {vote_by("n1", {.height = 1, .time_milliseconds = -1}), Refusal::kBadTime},
      {vote_by("n1", {.height = 1, .time_milliseconds = kVoteTimeMillisecondsMax + 1}),
       Refusal::kBadTime},
      {unsigned_vote, Refusal::kBadSignature},
  };
  for (const auto& [vote, refusal] : bad) {
    Listener listener;
    listener.take(vote);
    EXPECT_THAT(listener.take_written(listener.connection),
                ElementsAre(Message{Reject{id_of(vote.vote), refusal}}));
    const auto received = listener.take_notes<note::VoteReceived>();
    ASSERT_THAT(received, SizeIs(1));
    EXPECT_EQ(received[0].outcome, note::Received::kRejected);
    EXPECT_EQ(received[0].refusal, refusal);
    const SignedVote good =
        vote_by("n1", {.height = 2, .time_milliseconds = kVoteTimeMillisecondsMax});
    listener.take(good);
    listener.answer_stores();
    EXPECT_THAT(listener.take_written(listener.connection), ElementsAre(ack_of(good)));
    EXPECT_THAT(listener.disk().vote_ids(), ElementsAre(id_of(good.vote)));
  }
}

// What became durable together is acknowledged together.
TEST(NodeVotes, OneAckNamesAllThatTheStoreAnsweredAtOnce) {
  Listener listener;
  Ack all;
  for (std::uint64_t height = 1; height <= 3; ++height) {
    const SignedVote vote = vote_by("n1", {.height = height});
    listener.take(vote);
    all.votes.push_back(id_of(vote.vote));
  }
  listener.answer_stores();
  EXPECT_THAT(listener.take_written(listener.connection), ElementsAre(Message{all}));
}

}  // namespace
}  // namespace halfopen::node::test

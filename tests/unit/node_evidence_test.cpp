// Equivocation: two votes of one voter for one slot are kept as evidence, once, and both of them.
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

class NodeEvidence : public ::testing::Test {
 protected:
  void take(const SignedVote& vote) { node_.say(connection_, VoteMessage{vote}); }
  std::vector<Message> written() { return node_.take_written(connection_); }
  static Message refusal_of(const SignedVote& vote) {
    return Reject{id_of(vote.vote), Refusal::kEquivocation};
  }

  Endpoint node_{make_settings("n2", {"n1"})};
  ConnectionId connection_ = node_.connect("n1");
  SignedVote first_ = vote_by("n1", {.height = 7});
  SignedVote second_ = vote_by("n1", {.height = 7, .choice = Choice{}});
};

TEST_F(NodeEvidence, BothVotesAreKeptAndOnlyTheFirstCounts) {
  take(first_);
  node_.answer_stores();
  (void)written();
  take(second_);
  EXPECT_THAT(written(), IsEmpty()) << "a refusal before the evidence is stored";
  node_.answer_stores();
  EXPECT_THAT(written(), ElementsAre(refusal_of(second_)));
  const Equivocation expected{first_, second_};
  EXPECT_THAT(node_.disk().evidence(), ElementsAre(expected));
  EXPECT_THAT(node_.node().evidence(), ElementsAre(expected));
  EXPECT_THAT(node_.disk().vote_ids(), ElementsAre(id_of(first_.vote)));
  const auto found = node_.take_notes<note::EquivocationFound>();
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].peer, "n1");
  EXPECT_EQ(node_.node().tally().weight_of(slot_of(first_.vote), Choice{}), 0U);
}

TEST_F(NodeEvidence, IsKeptOnceASlot) {
  const SignedVote third = vote_by("n1", {.height = 7, .time_milliseconds = 9});
  take(first_);
  take(second_);
  node_.answer_stores();
  (void)written();
  take(second_);
  take(third);
  EXPECT_EQ(node_.disk().waiting(), 0U);
  EXPECT_THAT(written(), ElementsAre(refusal_of(second_), refusal_of(third)));
  EXPECT_THAT(node_.node().evidence(), SizeIs(1));
}

// A refusal ends the matter for the sender: said too early, the evidence could be lost for good.
TEST_F(NodeEvidence, IsNotRefusedWhileItIsBeingStored) {
  take(first_);
  node_.answer_stores();
  (void)written();
  take(second_);
  take(second_);
  EXPECT_THAT(written(), IsEmpty());
  node_.answer_stores(false);
  EXPECT_THAT(written(), IsEmpty());
  EXPECT_THAT(node_.node().evidence(), IsEmpty());
  take(second_);
  node_.answer_stores();
  EXPECT_THAT(written(), ElementsAre(refusal_of(second_)));
  EXPECT_THAT(node_.disk().evidence(), SizeIs(1));
}

TEST_F(NodeEvidence, SurvivesARestart) {
  take(first_);
  take(second_);
  node_.answer_stores();
  Endpoint again(make_settings("n2", {"n1"}), node_.disk().journal());
  EXPECT_THAT(again.node().evidence(), SizeIs(1));
  const ConnectionId connection = again.connect("n1");
  again.say(connection, VoteMessage{second_});
  EXPECT_EQ(again.disk().waiting(), 0U);
  EXPECT_THAT(again.take_written(connection), ElementsAre(refusal_of(second_)));
}

// Whoever forges a second vote must not make evidence against its alleged voter.
TEST_F(NodeEvidence, NeedsASignature) {
  take(first_);
  node_.answer_stores();
  (void)written();
  SignedVote forged = second_;
  forged.signature[3] ^= 1U;
  take(forged);
  EXPECT_EQ(node_.disk().waiting(), 0U);
  EXPECT_THAT(written(), ElementsAre(Message{Reject{id_of(forged.vote), Refusal::kBadSignature}}));
}

}  // namespace
}  // namespace halfopen::node::test

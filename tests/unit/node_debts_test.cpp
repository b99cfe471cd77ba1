// What a node owes its peers and its callers, and what ends a debt.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "node/core/limits.hpp"
#include "tests/unit/node_endpoint.hpp"
#include "tests/unit/node_simulation.hpp"

namespace halfopen::node::test {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

CastAnswer refused(CastRefusal refusal) {
  return refusal;
}

TEST(NodeDebts, ARejectedVoteIsOwedNoMore) {
  Endpoint node(make_settings("n1", {"n2"}));
  const ConnectionId connection = node.connect("n2");
  const auto ticket = node.request({.height = 7}, true);
  node.answer_stores();
  const VoteId id = node.disk().votes()[0].id;
  (void)node.take_entries();
  node.say(connection, Reject{id, Refusal::kBadTime});
  EXPECT_TRUE(node.peer("n2").outbox().is_empty());
  const auto entries = node.take_entries();
  ASSERT_THAT(entries, SizeIs(1));
  EXPECT_EQ(std::get<KeepDelivery>(entries[0]).id, id) << "nor after a restart";
  const auto abandoned = node.take_notes<note::VoteAbandoned>();
  ASSERT_THAT(abandoned, SizeIs(1));
  EXPECT_EQ(abandoned[0].reason, note::Abandoned::kRejected);
  EXPECT_EQ(node.answers().at(ticket), CastAnswer{id}) << "nobody is owed it any more";
  node.say(connection, Reject{id, Refusal::kBadTime});
  EXPECT_THAT(node.take_notes<note::VoteAbandoned>(), IsEmpty()) << "twice the same is one";
}

TEST(NodeDebts, ACallerWaitsForPeersThatAreAway) {
  Endpoint node(make_settings("n1", {"n2"}));
  const auto ticket = node.request({.height = 7}, true);
  node.answer_stores();
  EXPECT_THAT(node.answers(), IsEmpty());
  const ConnectionId connection = node.connect("n2");
  const VoteId id = node.disk().votes()[0].id;
  node.say(connection, Ack{{id}});
  EXPECT_EQ(node.answers().at(ticket), CastAnswer{id});
}

TEST(NodeDebts, ANodeThatStopsAnswersWhoeverWaits) {
  Endpoint node(make_settings("n1", {"n2"}));
  const auto stored = node.request({.height = 7}, true);
  node.answer_stores();
  const auto pending = node.request({.height = 8});
  node.handle(ShutdownRequested{});
  const auto late = node.request({.height = 9});
  EXPECT_EQ(node.answers().at(late), refused(CastRefusal::kStopping));
  node.wait(kDrainTimeoutDefault);
  node.handle(TimePassed{});
  EXPECT_TRUE(node.node().is_stopped());
  EXPECT_EQ(node.answers().at(stored), refused(CastRefusal::kStopping));
  EXPECT_EQ(node.answers().at(pending), refused(CastRefusal::kStopping));
}

// A caller whose vote becomes durable during the drain hears of it.
TEST(NodeDebts, AStoreThatAnswersDuringTheDrainIsHeard) {
  Endpoint node(make_settings("n1", {"n2"}));
  const ConnectionId connection = node.connect("n2");
  const auto pending = node.request({.height = 8});
  node.handle(ShutdownRequested{});
  EXPECT_FALSE(node.node().is_stopped()) << "the store has not answered";
  node.answer_stores();
  EXPECT_TRUE(std::holds_alternative<VoteId>(node.answers().at(pending)));
  EXPECT_FALSE(node.node().is_stopped()) << "the peer has not acknowledged";
  node.say(connection, Ack{{node.disk().votes()[0].id}});
  EXPECT_TRUE(node.node().is_stopped());
}

// What was forgotten may have been voted otherwise: it is never signed again.
TEST(NodeDebts, ASlotThatWasForgottenIsNotSignedAgain) {
  NodeSettings settings = make_settings("n1", {});
  settings.retention_votes = 2;
  Endpoint node(std::move(settings));
  for (const std::uint64_t height : std::vector<std::uint64_t>{5, 6, 7})
    node.cast({.height = height});
  const auto old = node.request({.height = 5});
  EXPECT_EQ(node.answers().at(old), refused(CastRefusal::kForgotten));
  const auto older = node.request({.height = 4, .choice = Choice{}});
  EXPECT_EQ(node.answers().at(older), refused(CastRefusal::kForgotten));
  node.cast({.height = 6});
  EXPECT_EQ(node.node().known_votes(), 2U);
}

TEST(NodeDebts, AJournalThatForgotSomethingSaysUpToWhere) {
  Journal journal;
  journal.forgotten_up_to = Slot{.height = 9, .round = 2, .kind = VoteKind::kPrecommit};
  Endpoint node(make_settings("n1", {}), journal);
  const auto old = node.request({.height = 9, .round = 2});
  EXPECT_EQ(node.answers().at(old), refused(CastRefusal::kForgotten));
  node.cast({.height = 9, .round = 3});
  node.cast();
  EXPECT_EQ(node.disk().votes().back().vote.vote.height, 10U);
}

// A failed vote that is stored after all, while newer ones push it out of the ledger.
TEST(NodeDebts, AVoteThatIsStoredLateIsNotForgottenMeanwhile) {
  NodeSettings settings = make_settings("n1", {});
  settings.retention_votes = 2;
  Endpoint node(std::move(settings));
  node.request({.height = 5});
  node.answer_stores(false);
  node.cast({.height = 6});
  const auto again = node.request({.height = 5});
  const auto newer = node.request({.height = 7});
  node.answer_stores();
  EXPECT_TRUE(std::holds_alternative<VoteId>(node.answers().at(again)));
  EXPECT_TRUE(std::holds_alternative<VoteId>(node.answers().at(newer)));
}

TEST(NodeDebts, WithoutRetryNothingIsOwedAfterARestart) {
  NodeSettings settings = make_settings("n1", {"n2"});
  settings.defences.retry.enabled = false;
  Endpoint node(std::move(settings));
  node.cast({.height = 5});
  const auto entries = node.take_entries();
  ASSERT_THAT(entries, SizeIs(1));
  EXPECT_THAT(std::get<KeepOwnVote>(entries[0]).owed_to, IsEmpty());
}

// An ACK may come on a later connection than its vote, before the vote was sent there.
TEST(NodeDebts, AnAckAfterAReconnectSettlesTheOldDebt) {
  Endpoint node(make_settings("n1", {"n2"}));
  const ConnectionId old = node.connect("n2");
  std::vector<VoteId> ids;
  for (const std::uint64_t height : std::vector<std::uint64_t>{1, 2, 3})
    ids.push_back(node.cast({.height = height}));
  node.handle(StreamEnded{old});
  const ConnectionId fresh = node.connect("n2");
  node.say(fresh, Ack{{ids[2], ids[0]}});
  node.say(fresh, Ack{{ids[1]}});
  EXPECT_TRUE(node.peer("n2").outbox().is_empty());
  EXPECT_EQ(node.peer("n2").outbox().in_flight(), 0U);
  EXPECT_EQ(node.peer("n2").state(), PeerState::kHealthy);
}

// The new connection must not wait for what the old one was sent.
TEST(NodeDebts, AHalfOpenConnectionThatIsReplacedTakesItsDeadlinesAlong) {
  Endpoint node(make_settings("n1", {"n2"}));
  const ConnectionId old = node.connect("n2");
  const VoteId id = node.cast({.height = 1});
  (void)node.take_written(old);
  node.wait(seconds(4));
  const ConnectionId fresh = node.node().new_connection_id();
  node.handle(ConnectionAccepted{fresh});
  node.say(fresh, Hello{kProtocolVersion, "lab", "n2"});
  EXPECT_THAT(node.take_closed(), ElementsAre(old));
  const auto written = node.take_written(fresh);
  ASSERT_THAT(written, SizeIs(2)) << "a hello, and the vote again";
  EXPECT_EQ(id_of(std::get<VoteMessage>(written[1]).vote.vote), id);
  node.wait(seconds(4));
  node.handle(TimePassed{});
  EXPECT_EQ(node.peer("n2").connection(), fresh);
}

}  // namespace
}  // namespace halfopen::node::test

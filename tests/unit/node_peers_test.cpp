// The list of peers changes while the node runs: who stays is left alone, who goes is forgotten.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/node_endpoint.hpp"
#include "tests/unit/node_simulation.hpp"

namespace halfopen::node::test {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

PeersChanged peers_of(const std::vector<std::string>& names) {
  PeersChanged change;
  for (const std::string& name : names)
    change.peers.push_back(make_peer(name));
  return change;
}

TEST(NodePeers, WhoStaysKeepsItsConnectionAndItsDebts) {
  Endpoint node(make_settings("n1", {"n2", "n3"}));
  const ConnectionId two = node.connect("n2");
  const ConnectionId three = node.connect("n3");
  node.cast({.height = 7});
  PeersChanged change = peers_of({"> n4", "n3", "n2"});
  change.peers[2].weight = 5;
  node.handle(change);
  EXPECT_THAT(node.take_closed(), IsEmpty());
  EXPECT_EQ(node.peer("n2").connection(), two);
  EXPECT_EQ(node.peer("n3").connection(), three);
  EXPECT_EQ(node.peer("n2").outbox().size(), 1U);
  EXPECT_TRUE(node.peer("n4").outbox().is_empty()) << "it is new";
  EXPECT_THAT(node.take_dials(), SizeIs(1));
  EXPECT_EQ(node.node().tally().total_weight(), 1U + 1U + 1U + 5U);
}

TEST(NodePeers, WhoGoesIsClosedAndForgotten) {
  Endpoint node(make_settings("n1", {"n2", "n3"}));
  const ConnectionId two = node.connect("n2");
  const ConnectionId three = node.connect("n3");
  const auto ticket = node.request({.height = 7}, true);
  node.answer_stores();
  const VoteId id = node.disk().votes()[0].id;
  node.say(three, Ack{{id}});
  EXPECT_THAT(node.answers(), IsEmpty());
  (void)node.take_entries();
  node.handle(peers_of({"n3"}));
  EXPECT_THAT(node.take_closed(), ElementsAre(two));
  EXPECT_THAT(node.node().peers(), SizeIs(1));
  const auto entries = node.take_entries();
  ASSERT_THAT(entries, SizeIs(1));
  EXPECT_EQ(std::get<ForgetPeer>(entries[0]).peer, "n2");
  EXPECT_EQ(node.answers().at(ticket), CastAnswer{id}) << "n2 is waited for no more";
  const auto abandoned = node.take_notes<note::VoteAbandoned>();
  ASSERT_THAT(abandoned, SizeIs(1));
  EXPECT_EQ(abandoned[0].reason, note::Abandoned::kRemoved);
  (void)node.connect("n2");
  EXPECT_EQ(node.take_notes<note::ConnectionClosed>().back().reason, Reason::kUnknownPeer);
}

TEST(NodePeers, AnotherKeyIsAnotherPeer) {
  Endpoint node(make_settings("n1", {"n2"}));
  const ConnectionId two = node.connect("n2");
  node.cast({.height = 7});
  PeersChanged change = peers_of({"n2"});
  change.peers[0].key = test_key("somebody else").public_key();
  node.handle(change);
  EXPECT_THAT(node.take_closed(), ElementsAre(two));
  EXPECT_TRUE(node.peer("n2").outbox().is_empty());
}

TEST(NodePeers, AnAddressMakesItDialAndItsLossLetsItWait) {
  Endpoint node(make_settings("n1", {"n2"}));
  node.handle(peers_of({"> n2"}));
  const auto dials = node.take_dials();
  ASSERT_THAT(dials, SizeIs(1));
  node.handle(DialFailed{dials[0], ECONNREFUSED});
  EXPECT_EQ(node.peer("n2").state(), PeerState::kBackoff);
  node.handle(peers_of({"n2"}));
  EXPECT_EQ(node.peer("n2").state(), PeerState::kIdle);
  EXPECT_EQ(node.node().next_deadline(), std::nullopt);
}

// What the store would say after a crash and what the node says now must be the same.
TEST(NodePeers, APeerThatComesWhileAVoteIsBeingStoredIsNotOwedIt) {
  Endpoint node(make_settings("n1", {"n2", "n3"}));
  node.request({.height = 7});
  node.handle(peers_of({"n3", "n4"}));
  node.handle(peers_of({"n2", "n3", "n4"}));
  node.answer_stores();
  EXPECT_EQ(node.peer("n3").outbox().size(), 1U);
  EXPECT_TRUE(node.peer("n4").outbox().is_empty());
  EXPECT_TRUE(node.peer("n2").outbox().is_empty()) << "it was away, and the store forgot it";
  const Journal journal = node.disk().journal();
  EXPECT_THAT(journal.owed, SizeIs(1));
  EXPECT_TRUE(journal.owed.contains("n3"));
}

// The peer's vote is stored, although there is nobody left to acknowledge it to.
TEST(NodePeers, AVoteThatIsBeingStoredSurvivesItsSendersRemoval) {
  Endpoint node(make_settings("n1", {"n2"}));
  const ConnectionId two = node.connect("n2");
  const SignedVote vote = vote_by("n2", {.height = 7});
  node.say(two, VoteMessage{vote});
  node.handle(PeersChanged{});
  node.answer_stores();
  EXPECT_THAT(node.disk().vote_ids(), ElementsAre(id_of(vote.vote)));
  node.handle(peers_of({"n2"}));
  const ConnectionId again = node.connect("n2");
  node.say(again, VoteMessage{vote});
  EXPECT_THAT(node.take_written(again), ElementsAre(Message{Ack{{id_of(vote.vote)}}}));
  EXPECT_THAT(node.disk().votes(), SizeIs(1));
}

TEST(NodePeers, TheStoresDebtsToWhoIsGoneAreForgottenAtTheStart) {
  Journal journal;
  journal.owed["n9"].push_back(VoteId{});
  Endpoint node(make_settings("n1", {"n2"}), journal);
  const auto entries = node.take_entries();
  ASSERT_THAT(entries, SizeIs(1));
  EXPECT_EQ(std::get<ForgetPeer>(entries[0]).peer, "n9");
}

// --- backing off ---

// A session that lives long enough is a real one; a short one must not make the node hammer.
TEST(NodeBackingOff, StartsSmallAfterAStableSessionOnly) {
  for (const bool is_stable : {false, true}) {
    NodeSettings settings = make_settings("n1", {"> n2"});
    settings.defences.ping.enabled = false;
    const auto& reconnect = settings.defences.reconnect;
    const Duration stable_after = reconnect.stable_after;
    const Duration backoff_min = reconnect.backoff_min;
    const Duration backoff_max = reconnect.backoff_max;
    Endpoint node(std::move(settings));
    const auto dial_again = [&] {
      node.wait(backoff_max);
      node.handle(TimePassed{});
      return node.take_dials().at(0);
    };
    ConnectionId dial = node.take_dials().at(0);
    for (int i = 0; i < 10; ++i) {
      node.handle(DialFailed{dial, ECONNREFUSED});
      dial = dial_again();
    }
    Duration longest{};
    // The waits after many sessions: one draw may be small by chance.
    for (int i = 0; i < 20; ++i) {
      node.handle(DialSucceeded{dial});
      node.say(dial, Hello{kProtocolVersion, "lab", "n2"});
      ASSERT_EQ(node.peer("n2").state(), PeerState::kHealthy);
      node.wait(is_stable ? stable_after : stable_after - seconds(1));
      node.handle(StreamEnded{dial});
      longest = std::max(longest, *node.node().next_deadline() - node.now());
      dial = dial_again();
    }
    EXPECT_EQ(longest <= backoff_min, is_stable);
  }
}

}  // namespace
}  // namespace halfopen::node::test

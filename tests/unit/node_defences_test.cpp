// What each defence is good for, and what happens without it: real cores on simulated TCP, in
// virtual time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "node/core/limits.hpp"
#include "tests/unit/node_simulation.hpp"

namespace halfopen::node::test {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;

// --- watch_idle ---

TEST(NodeWatchIdle, AFinIsNoticedAtOnce) {
  Simulation simulation =
      make_connected_pair(Preset::kNaive, [](Defences& d) { d.watch_idle = true; });
  simulation.run_for(seconds(41));
  simulation.kill(kTwo);
  simulation.run_for(milliseconds(10));
  EXPECT_EQ(simulation.count(kOne, "Healthy -> Closed (eof)"), 1);
}

TEST(NodeWatchIdle, WithoutItAFinGoesUnnoticedForDays) {
  Simulation simulation = make_connected_pair(Preset::kNaive);
  simulation.kill(kTwo);
  simulation.run_for(hours(72));
  EXPECT_EQ(simulation.peer(kOne, "n2").state(), PeerState::kHealthy);
}

TEST(NodeWatchIdle, TheNaiveNodeReadsOnlyWhileItWaitsForAnAcknowledgement) {
  Simulation simulation = make_connected_pair(Preset::kNaive);
  simulation.silence_links();
  simulation.cast(kOne);
  simulation.run_for(milliseconds(999));
  EXPECT_EQ(simulation.count(kOne, "read on"), 2);   // for the hello, and for the ACK
  EXPECT_EQ(simulation.count(kOne, "read off"), 1);  // after the hello
  simulation.run_for(milliseconds(2));
  EXPECT_EQ(simulation.count(kOne, "read off"), 2);  // ack_wait is over
  simulation.run_for(hours(24));
  EXPECT_EQ(simulation.peer(kOne, "n2").state(), PeerState::kHealthy) << "no deadline, no death";
  EXPECT_EQ(simulation.count(kOne, "abandoned"), 0);
}

// --- ping ---

TEST(NodePing, ASilentLinkIsFoundWithinIntervalAndTimeout) {
  Simulation simulation =
      make_connected_pair(Preset::kNaive, [](Defences& d) { d.ping.enabled = true; });
  simulation.silence_links();
  EXPECT_TRUE(simulation.run_until(
      [&] { return simulation.peer(kOne, "n2").state() == PeerState::kClosed; }, seconds(16)));
  EXPECT_EQ(simulation.count(kOne, "Suspect -> Closed (ping_timeout)"), 1);
  EXPECT_EQ(simulation.count(kOne, "ping n2 timeout"), 1);
}

TEST(NodePing, WithoutItASilentLinkLooksHealthy) {
  Simulation simulation =
      make_connected_pair(Preset::kResilient, [](Defences& d) { d.ping.enabled = false; });
  simulation.silence_links();
  simulation.run_for(hours(48));
  EXPECT_EQ(simulation.peer(kOne, "n2").state(), PeerState::kHealthy);
}

TEST(NodePing, DaysOfIdleTimeCostPingsAndNothingElse) {
  Simulation simulation = make_connected_pair(Preset::kResilient);
  simulation.run_for(hours(24 * 7));
  EXPECT_EQ(simulation.peer(kOne, "n2").state(), PeerState::kHealthy);
  const std::size_t sent = simulation.count(kOne, "ping n2 sent");
  EXPECT_NEAR(static_cast<double>(sent), 7 * 24 * 360, 20);
  EXPECT_EQ(simulation.count(kOne, "ping n2 answered"), sent);
  EXPECT_EQ(simulation.count(kOne, "Suspect"), 0);
}

TEST(NodePing, IsSkippedWhileVotesAreAcknowledged) {
  Simulation simulation = make_connected_pair(Preset::kResilient);
  for (int i = 0; i < 20; ++i) {
    simulation.cast(kOne);
    simulation.run_for(seconds(5));
  }
  EXPECT_EQ(simulation.count(kOne, "ping"), 0);
}

TEST(NodePing, AFinIsNoticedByTheNextPing) {
  Simulation simulation =
      make_connected_pair(Preset::kNaive, [](Defences& d) { d.ping.enabled = true; });
  simulation.kill(kTwo);
  simulation.run_for(seconds(11));
  EXPECT_EQ(simulation.count(kOne, "Healthy -> Closed"), 1);
}

// --- reconnect ---

TEST(NodeReconnect, ComesBackAfterAPeersRestart) {
  Simulation simulation = make_connected_pair(Preset::kResilient);
  simulation.run_for(seconds(60));
  simulation.kill(kTwo);
  simulation.run_for(seconds(60));
  EXPECT_EQ(simulation.count(kOne, "Healthy -> Backoff (eof)"), 1);
  simulation.restart(kTwo);
  EXPECT_TRUE(
      simulation.run_until([&] { return is_up(simulation.peer(kOne, "n2").state()); }, seconds(6)));
}

TEST(NodeReconnect, BacksOffButNeverGivesUp) {
  Simulation simulation = make_connected_pair(Preset::kResilient);
  simulation.kill(kTwo);
  simulation.run_for(hours(1));
  const std::size_t dials_in_an_hour = simulation.count(kOne, "dial n2 refused");
  // Half of the 5 s ceiling on average, a little more dials while the ceiling was small.
  EXPECT_GT(dials_in_an_hour, 1000);
  EXPECT_LT(dials_in_an_hour, 2000);
  simulation.run_for(hours(24));
  EXPECT_GT(simulation.count(kOne, "dial n2 refused"), dials_in_an_hour * 20);
  simulation.restart(kTwo);
  EXPECT_TRUE(
      simulation.run_until([&] { return is_up(simulation.peer(kOne, "n2").state()); }, seconds(6)));
}

TEST(NodeReconnect, ADialThatNobodyAnswersEndsByItsOwnDeadline) {
  Simulation simulation = make_connected_pair(Preset::kResilient);
  simulation.swallow_dials(true);
  simulation.kill(kTwo);
  simulation.run_for(seconds(4));
  EXPECT_EQ(simulation.count(kOne, "Dialing -> Backoff (dial_timeout)"), 1);
}

TEST(NodeReconnect, WithoutItAPeerIsGoneForGood) {
  Simulation simulation =
      make_connected_pair(Preset::kNaive, [](Defences& d) { d.watch_idle = true; });
  simulation.run_for(seconds(20));
  simulation.kill(kTwo);
  simulation.run_for(seconds(1));
  simulation.restart(kTwo);
  simulation.run_for(hours(24));
  EXPECT_EQ(simulation.peer(kOne, "n2").state(), PeerState::kClosed);
  EXPECT_EQ(simulation.count(kOne, "-> Dialing"), 1);
}

TEST(NodeReconnect, WithoutItTheFirstConnectionIsStillTriedForTenSeconds) {
  Simulation simulation;
  simulation.add(make_settings("n1", {"> n2"}, Preset::kNaive));
  simulation.start();
  simulation.run_for(seconds(9));
  EXPECT_GT(simulation.count(kOne, "dial n2 refused"), 2);
  EXPECT_NE(simulation.peer(kOne, "n2").state(), PeerState::kClosed);
  simulation.run_for(seconds(10));
  EXPECT_EQ(simulation.peer(kOne, "n2").state(), PeerState::kClosed);
}

// --- retry ---

TEST(NodeRetry, AVoteThatASilentLinkSwallowedIsSentAgainOnANewConnection) {
  Simulation simulation = make_connected_pair(Preset::kResilient);
  simulation.silence_links();
  const auto id = simulation.cast(kOne);
  simulation.run_for(seconds(4));
  EXPECT_FALSE(simulation.is_stored(kTwo, *id));
  simulation.run_for(seconds(8));
  EXPECT_EQ(simulation.count(kOne, "(ack_timeout)"), 2) << "suspected, then declared dead";
  EXPECT_TRUE(simulation.is_stored(kTwo, *id));
  EXPECT_EQ(simulation.count(kOne, "sent n2 attempt 2"), 1);
  EXPECT_EQ(simulation.count(kOne, "acked n2"), 1);
}

TEST(NodeRetry, EverythingUnacknowledgedIsSentAgainInOrder) {
  Simulation simulation = make_connected_pair(Preset::kResilient);
  simulation.cast(kOne);
  simulation.run_for(seconds(1));
  const std::size_t before = simulation.stored(kTwo).size();
  simulation.silence_links();
  std::vector<VoteId> cast;
  cast.reserve(5);
  for (int i = 0; i < 5; ++i)
    cast.push_back(*simulation.cast(kOne));
  simulation.run_for(seconds(20));
  const auto& stored = simulation.stored(kTwo);
  ASSERT_EQ(stored.size(), before + 5);
  EXPECT_TRUE(std::equal(cast.begin(), cast.end(), stored.end() - 5));
}

TEST(NodeRetry, VotesThatWereCastWithoutAConnectionWaitForOne) {
  Simulation simulation = make_connected_pair(Preset::kResilient);
  simulation.kill(kTwo);
  simulation.run_for(seconds(1));
  const auto first = simulation.cast(kOne);
  const auto second = simulation.cast(kOne);
  simulation.run_for(seconds(30));
  simulation.restart(kTwo);
  simulation.run_for(seconds(10));
  EXPECT_THAT(simulation.stored(kTwo), ElementsAre(*first, *second));
}

TEST(NodeRetry, AVoteSurvivesTheDeathOfItsOwnNode) {
  Simulation simulation = make_connected_pair(Preset::kResilient);
  simulation.silence_links();
  const auto id = simulation.cast(kOne);
  simulation.kill(kOne);
  simulation.run_for(seconds(1));
  simulation.restart(kOne);
  simulation.run_for(seconds(10));
  EXPECT_TRUE(simulation.is_stored(kTwo, *id));
}

TEST(NodeRetry, WithoutReconnectVotesStayInTheOutbox) {
  Simulation simulation =
      make_connected_pair(Preset::kResilient, [](Defences& d) { d.reconnect.enabled = false; });
  simulation.run_for(seconds(20));
  simulation.silence_links();
  simulation.cast(kOne);
  simulation.run_for(seconds(20));
  EXPECT_EQ(simulation.peer(kOne, "n2").state(), PeerState::kClosed);
  EXPECT_EQ(simulation.peer(kOne, "n2").outbox().size(), 1);
  EXPECT_EQ(simulation.count(kOne, "abandoned"), 0);
}

TEST(NodeRetry, WithoutItAVoteIsLostOnceSent) {
  Simulation simulation =
      make_connected_pair(Preset::kResilient, [](Defences& d) { d.retry.enabled = false; });
  simulation.silence_links();
  const auto id = simulation.cast(kOne);
  simulation.run_for(seconds(60));
  EXPECT_TRUE(is_up(simulation.peer(kOne, "n2").state())) << "pings found it and it came back";
  EXPECT_FALSE(simulation.is_stored(kTwo, *id));
  EXPECT_EQ(simulation.count(kOne, "abandoned n2 ack_timeout"), 1);
}

TEST(NodeRetry, WithoutItAVoteNeedsAConnectionNow) {
  Simulation simulation =
      make_connected_pair(Preset::kNaive, [](Defences& d) { d.watch_idle = true; });
  simulation.kill(kTwo);
  simulation.run_for(seconds(1));
  simulation.cast(kOne);
  EXPECT_EQ(simulation.count(kOne, "abandoned n2 no_connection"), 1);
}

// The connection is there: to say otherwise would send people looking for a dead one.
TEST(NodeRetry, WithoutItAFullOutboxIsNoMissingConnection) {
  Simulation simulation = make_connected_pair(Preset::kNaive);
  simulation.silence_links();
  for (std::size_t i = 0; i < kOutboxVotesMax + 1; ++i)
    ASSERT_TRUE(simulation.cast(kOne));
  EXPECT_TRUE(is_up(simulation.peer(kOne, "n2").state()));
  EXPECT_EQ(simulation.count(kOne, "abandoned n2 outbox_full"), 1);
  EXPECT_EQ(simulation.count(kOne, "abandoned"), 1);
}

TEST(NodeRetry, AFullOutboxRefusesTheCast) {
  Simulation simulation = make_connected_pair(Preset::kResilient);
  simulation.kill(kTwo);
  simulation.run_for(seconds(1));
  for (std::size_t i = 0; i < kOutboxVotesMax; ++i)
    ASSERT_TRUE(simulation.cast(kOne));
  const auto ticket = simulation.request(kOne, CastRequest{});
  EXPECT_EQ(simulation.answer(kOne, ticket), CastAnswer{CastRefusal::kOutboxFull});
  simulation.restart(kTwo);
  simulation.run_for(seconds(10));
  EXPECT_EQ(simulation.stored(kTwo).size(), kOutboxVotesMax);
}

}  // namespace
}  // namespace halfopen::node::test

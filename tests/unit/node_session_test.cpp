// Sessions: votes and their acknowledgements, who may connect, and how a node stops. Real cores on
// simulated TCP, in virtual time.
#include <gtest/gtest.h>

#include "node/core/limits.hpp"
#include "tests/unit/node_simulation.hpp"

namespace halfopen::node::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(NodeSession, AVoteIsStoredThenAcknowledged) {
  Simulation simulation = make_connected_pair(Preset::kResilient);
  const auto id = simulation.cast(kOne);
  ASSERT_TRUE(id);
  simulation.run_for(milliseconds(10));
  EXPECT_TRUE(simulation.is_stored(kTwo, *id));
  EXPECT_EQ(simulation.count(kOne, "acked n2"), 1);
  EXPECT_TRUE(simulation.peer(kOne, "n2").outbox().is_empty());
}

TEST(NodeSession, VotesTravelBothWaysOnOneConnection) {
  Simulation simulation = make_connected_pair(Preset::kResilient);
  const auto id = simulation.cast(kTwo);
  simulation.run_for(milliseconds(10));
  EXPECT_TRUE(simulation.is_stored(kOne, *id));
  EXPECT_EQ(simulation.count(kTwo, "acked n1"), 1);
  EXPECT_EQ(simulation.count(kOne, "opened"), 1);
}

// --- connections ---

TEST(NodeConnections, ANewerConnectionOfAPeerReplacesTheOld) {
  Simulation simulation = make_connected_pair(Preset::kResilient);
  simulation.run_for(seconds(5));
  simulation.silence_links();
  simulation.kill(kOne);  // nothing of it is heard at n2
  simulation.restart(kOne);
  simulation.run_for(seconds(1));
  EXPECT_EQ(simulation.count(kTwo, "closed n1 replaced"), 1);
  EXPECT_EQ(simulation.peer(kTwo, "n1").state(), PeerState::kHealthy);
}

TEST(NodeConnections, WhenBothDialOneConnectionStays) {
  Simulation simulation;
  simulation.add(make_settings("n1", {"> n2"}));
  simulation.add(make_settings("n2", {"> n1"}));
  simulation.start();
  simulation.run_for(seconds(8));
  EXPECT_EQ(simulation.peer(kOne, "n2").state(), PeerState::kHealthy);
  EXPECT_EQ(simulation.peer(kTwo, "n1").state(), PeerState::kHealthy);
  EXPECT_EQ(simulation.count(kOne, "opened n2 outbound"), 1) << "the lower name's dial stays";
  EXPECT_EQ(simulation.count(kTwo, "opened n1 inbound"), 1);
  EXPECT_EQ(simulation.count(kOne, "opened"), 1);
  EXPECT_EQ(simulation.count(kTwo, "opened"), 1);
}

// n1 has dialled and would win a tie, but its connection is too old to have crossed the peer's
// dial.
TEST(NodeConnections, AHalfOpenConnectionOfOurOwnGivesWayToThePeersNewOne) {
  Simulation simulation;
  simulation.add(make_settings("n1", {"> n2"}));
  simulation.add(make_settings("n2", {"> n1"}));
  simulation.start();
  simulation.run_for(seconds(5));
  ASSERT_EQ(simulation.count(kOne, "opened n2 outbound"), 1);
  simulation.silence_links();
  simulation.kill(kTwo);  // nothing of it is heard at n1
  simulation.restart(kTwo);
  simulation.run_for(seconds(1));
  EXPECT_EQ(simulation.count(kOne, "closed n2 replaced"), 1);
  EXPECT_EQ(simulation.count(kOne, "opened n2 inbound"), 1);
  EXPECT_EQ(simulation.peer(kTwo, "n1").state(), PeerState::kHealthy);
}

TEST(NodeConnections, AStrangerIsTurnedAway) {
  Simulation simulation;
  simulation.add(make_settings("n3", {"> n2"}));
  simulation.add(make_settings("n2", {"n1"}));
  simulation.start();
  simulation.run_for(seconds(1));
  EXPECT_GT(simulation.count(kTwo, "closed  unknown_peer"), 0);
  EXPECT_EQ(simulation.count(kTwo, "opened"), 0);
  EXPECT_GT(simulation.count(kOne, "Handshaking -> Backoff (handshake_failed)"), 0);
}

TEST(NodeConnections, AnotherNetworkIsTurnedAway) {
  Simulation simulation;
  NodeSettings one = make_settings("n1", {"> n2"});
  one.network = "elsewhere";
  simulation.add(std::move(one));
  simulation.add(make_settings("n2", {"n1"}));
  simulation.start();
  simulation.run_for(seconds(1));
  EXPECT_GT(simulation.count(kTwo, "closed  wrong_network"), 0);
  EXPECT_EQ(simulation.count(kOne, "opened"), 0);
}

TEST(NodeConnections, WhoSaysNothingIsClosedAfterFiveSeconds) {
  Node node(make_settings("n2", {"n1"}));
  Instant now = Instant::from_nanoseconds(1);
  node.start(now);
  const ConnectionId connection = node.new_connection_id();
  node.handle(ConnectionAccepted{connection}, now);
  ASSERT_EQ(node.next_deadline(), now + seconds(5));
  const auto closes = [&] {
    int count = 0;
    while (const auto action = node.poll_action())
      count += std::holds_alternative<Close>(*action);
    return count;
  };
  now = now + milliseconds(4999);
  node.handle(TimePassed{}, now);
  EXPECT_EQ(closes(), 0);
  node.handle(TimePassed{}, now + milliseconds(1));
  EXPECT_EQ(closes(), 1);
}

TEST(NodeConnections, TooManyStrangersAreClosedAtOnce) {
  Node node(make_settings("n2", {"n1"}));
  const Instant now = Instant::from_nanoseconds(1);
  node.start(now);
  for (std::size_t i = 0; i < kUnknownConnectionsMax + 3; ++i) {
    node.handle(ConnectionAccepted{node.new_connection_id()}, now);
  }
  int closes = 0;
  while (const auto action = node.poll_action())
    closes += std::holds_alternative<Close>(*action);
  EXPECT_EQ(closes, 3);
}

TEST(NodeConnections, GarbageInASessionEndsIt) {
  Node node(make_settings("n2", {"n1"}));
  const Instant now = Instant::from_nanoseconds(1);
  node.start(now);
  const ConnectionId connection = node.new_connection_id();
  node.handle(ConnectionAccepted{connection}, now);
  node.handle(BytesReceived{connection, *encode_frame(Hello{kProtocolVersion, "lab", "n1"})}, now);
  ASSERT_EQ(node.peers().front().state(), PeerState::kHealthy);
  node.handle(BytesReceived{connection, *encode_frame(Hello{kProtocolVersion, "lab", "n1"})}, now);
  EXPECT_EQ(node.peers().front().state(), PeerState::kIdle) << "a second hello";
}

// --- stopping ---

TEST(NodeStop, WaitsForAcknowledgementsThenCloses) {
  Simulation simulation = make_connected_pair(Preset::kResilient);
  const auto id = simulation.cast(kOne);
  simulation.stop_node(kOne);
  EXPECT_FALSE(simulation.node(kOne).is_stopped());
  simulation.run_for(milliseconds(10));
  EXPECT_TRUE(simulation.is_stored(kTwo, *id));
  EXPECT_EQ(simulation.count(kOne, "acked n2"), 1);
  EXPECT_EQ(simulation.count(kOne, "Healthy -> Closed (shutdown)"), 1);
  EXPECT_EQ(simulation.count(kTwo, "Healthy -> Idle (eof)"), 1);
}

TEST(NodeStop, WaitsNoLongerThanASecond) {
  Simulation simulation = make_connected_pair(Preset::kResilient);
  simulation.silence_links();
  simulation.cast(kOne);
  simulation.stop_node(kOne);
  simulation.run_for(milliseconds(999));
  EXPECT_FALSE(simulation.node(kOne).is_stopped());
  simulation.run_for(milliseconds(1));
  EXPECT_TRUE(simulation.node(kOne).is_stopped());
  EXPECT_EQ(simulation.node(kOne).next_deadline(), std::nullopt);
}

// --- determinism ---

TEST(NodeSession, TheSameSeedIsTheSameRun) {
  const auto run = [](std::uint64_t seed) {
    Simulation simulation;
    NodeSettings one = make_settings("n1", {"> n2"});
    one.seed = seed;
    simulation.add(std::move(one));
    simulation.start();
    simulation.run_for(seconds(100));
    return simulation.trace(kOne);
  };
  EXPECT_EQ(run(1), run(1));
  EXPECT_NE(run(1), run(2));
}

}  // namespace
}  // namespace halfopen::node::test

// Sessions: votes and their acknowledgements, who may connect, what may be cast, and how a node
// stops. Real cores on simulated TCP, in virtual time.
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

// A node that acknowledged first would lose the vote if it died in between.
TEST(NodeSession, NothingIsAcknowledgedBeforeTheStoreAnswers) {
  Node node(make_settings("n2", {"n1"}));
  const Instant now = Instant::from_nanoseconds(1);
  node.start(now);
  const ConnectionId connection = node.new_connection_id();
  node.handle(ConnectionAccepted{connection}, now);
  node.handle(BytesReceived{connection, *encode_frame(Hello{kProtocolVersion, "lab", "n1"})}, now);
  while (node.poll_action()) {
  }
  const Vote vote{.network = "lab", .height = 1, .voter = "n1"};
  node.handle(BytesReceived{connection, *encode_frame(VoteMessage{vote})}, now);
  int stores = 0;
  int writes = 0;
  const auto drain = [&] {
    while (const auto action = node.poll_action()) {
      if (std::holds_alternative<StoreVote>(*action)) ++stores;
      if (std::holds_alternative<Write>(*action)) ++writes;
    }
  };
  drain();
  EXPECT_EQ(stores, 1);
  EXPECT_EQ(writes, 0) << "an ACK before the store has answered";
  node.handle(VoteStored{connection, vote, id_of(vote), true}, now);
  drain();
  EXPECT_EQ(writes, 1);
}

TEST(NodeSession, AVoteThatTheStoreRefusedIsNotAcknowledged) {
  Node node(make_settings("n2", {"n1"}));
  const Instant now = Instant::from_nanoseconds(1);
  node.start(now);
  const ConnectionId connection = node.new_connection_id();
  node.handle(ConnectionAccepted{connection}, now);
  node.handle(BytesReceived{connection, *encode_frame(Hello{kProtocolVersion, "lab", "n1"})}, now);
  while (node.poll_action()) {
  }
  const Vote vote{.network = "lab", .height = 1, .voter = "n1"};
  node.handle(VoteStored{connection, vote, id_of(vote), false}, now);
  while (const auto action = node.poll_action()) {
    EXPECT_FALSE(std::holds_alternative<Write>(*action));
  }
}

TEST(NodeSession, ADuplicateIsAcknowledgedAgainAndStoredOnce) {
  Node node(make_settings("n2", {"n1"}));
  const Instant now = Instant::from_nanoseconds(1);
  node.start(now);
  const ConnectionId connection = node.new_connection_id();
  node.handle(ConnectionAccepted{connection}, now);
  node.handle(BytesReceived{connection, *encode_frame(Hello{kProtocolVersion, "lab", "n1"})}, now);
  const Vote vote{.network = "lab", .height = 1, .voter = "n1"};
  node.restore(vote, {});
  while (node.poll_action()) {
  }
  int acks = 0;
  int duplicates = 0;
  node.handle(BytesReceived{connection, *encode_frame(VoteMessage{vote})}, now);
  while (const auto action = node.poll_action()) {
    EXPECT_FALSE(std::holds_alternative<StoreVote>(*action));
    const auto* write = std::get_if<Write>(&*action);
    if (write != nullptr && *write->frame == *encode_frame(Ack{id_of(vote)})) ++acks;
    const auto* note = std::get_if<Note>(&*action);
    const auto* received = note == nullptr ? nullptr : std::get_if<note::VoteReceived>(note);
    if (received != nullptr && received->outcome == note::Received::kDuplicate) ++duplicates;
  }
  EXPECT_EQ(acks, 1);
  EXPECT_EQ(duplicates, 1);
}

// A good vote behind the bad one must still be stored: the connection stays.
TEST(NodeSession, AVoteOfAnotherNetworkVoterOrAgeIsRejected) {
  for (const Vote& vote :
       {Vote{.network = "other", .height = 1, .voter = "n1"},
        Vote{.network = "lab", .height = 1, .voter = "n3"},
        Vote{.network = "lab", .height = 1, .voter = "n1", .time_milliseconds = -1},
        Vote{.network = "lab",
        .height = 1,
        .voter = "n1",
        .time_milliseconds = kVoteTimeMillisecondsMax + 1}}) {
    Node node(make_settings("n2", {"n1"}));
    const Instant now = Instant::from_nanoseconds(1);
    node.start(now);
    const ConnectionId connection = node.new_connection_id();
    node.handle(ConnectionAccepted{connection}, now);
    node.handle(BytesReceived{connection, *encode_frame(Hello{kProtocolVersion, "lab", "n1"})},
                now);
    node.handle(BytesReceived{connection, *encode_frame(VoteMessage{vote})}, now);
    const Vote good{.network = "lab",
                    .height = 2,
                    .voter = "n1",
                    .time_milliseconds = kVoteTimeMillisecondsMax};
    node.handle(BytesReceived{connection, *encode_frame(VoteMessage{good})}, now);
    int rejected = 0;
    std::vector<Vote> stored;
    while (const auto action = node.poll_action()) {
      if (const auto* store = std::get_if<StoreVote>(&*action)) stored.push_back(store->vote);
      const auto* note = std::get_if<Note>(&*action);
      const auto* received = note == nullptr ? nullptr : std::get_if<note::VoteReceived>(note);
      if (received != nullptr && received->outcome == note::Received::kRejected) ++rejected;
    }
    EXPECT_EQ(rejected, 1);
    EXPECT_EQ(stored, std::vector{good});
  }
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
  EXPECT_GT(simulation.count(kTwo, "closed  handshake_failed"), 0);
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

// --- casting ---

TEST(NodeCast, HeightsGoOnAfterARestart) {
  Simulation simulation = make_connected_pair(Preset::kResilient);
  simulation.cast(kOne);
  simulation.cast(kOne);
  simulation.kill(kOne);
  simulation.restart(kOne);
  const auto answer = simulation.node(kOne).propose(CastRequest{});
  ASSERT_TRUE(std::holds_alternative<NewVote>(answer));
  EXPECT_EQ(std::get<NewVote>(answer).vote.height, 3);
}

// A peer that is new to the configuration is owed every vote of the store, however many those are.
TEST(NodeCast, VotesOfTheStoreThatFindNoRoomAfterARestartAreReported) {
  Node node(make_settings("n1", {"n2", "n3"}));
  std::vector<VoteId> last;
  for (std::size_t i = 0; i < kOutboxVotesMax + 2; ++i) {
    const Vote vote{.network = "lab", .height = i + 1, .voter = "n1"};
    node.restore(vote, {"n3"});
    if (i >= kOutboxVotesMax) last.push_back(id_of(vote));
  }
  node.start(Instant{});
  std::vector<VoteId> abandoned;
  while (const auto action = node.poll_action()) {
    const auto* note = std::get_if<Note>(&*action);
    const auto* given_up = note == nullptr ? nullptr : std::get_if<note::VoteAbandoned>(note);
    if (given_up == nullptr) continue;
    EXPECT_EQ(given_up->peer, "n2");
    EXPECT_EQ(given_up->reason, note::Abandoned::kOutboxFull);
    abandoned.push_back(given_up->vote);
  }
  EXPECT_EQ(abandoned, last);
  EXPECT_EQ(node.peers().front().outbox().size(), kOutboxVotesMax);
}

TEST(NodeCast, TwoDifferentVotesForOneSlotAreRefused) {
  Node node(make_settings("n1", {}));
  node.start(Instant{});
  const auto first = node.propose(CastRequest{.height = 7});
  node.handle(CastStored{std::get<NewVote>(first).vote}, Instant{});
  const auto again = node.propose(CastRequest{.height = 7, .time_milliseconds = 5});
  ASSERT_TRUE(std::holds_alternative<AlreadyCast>(again));
  EXPECT_EQ(std::get<AlreadyCast>(again).id, std::get<NewVote>(first).id);
  const auto other = node.propose(CastRequest{.height = 7, .choice = Choice{}});
  ASSERT_TRUE(std::holds_alternative<CastRefusal>(other));
  EXPECT_EQ(std::get<CastRefusal>(other), CastRefusal::kConflict);
  const auto prevote = node.propose(CastRequest{.height = 7, .kind = VoteKind::kPrevote});
  EXPECT_TRUE(std::holds_alternative<NewVote>(prevote));
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

#include "node/shell/peer_history.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace halfopen::node {
namespace {

NodeConfig config(const std::vector<std::string>& names) {
  NodeConfig made;
  for (const std::string& name : names) {
    PeerSettings peer;
    peer.name = name;
    made.node.peers.push_back(peer);
  }
  return made;
}

Instant at(int seconds) {
  return Instant{} + std::chrono::seconds(seconds);
}

note::Transition transition(const std::string& peer, PeerState from, PeerState to, Reason reason) {
  note::Transition made;
  made.peer = peer;
  made.from = from;
  made.to = to;
  made.reason = reason;
  return made;
}

TEST(NodePeerHistory, KeepsWhatTheKernelSaid) {
  PeerHistory history(config({"n2"}), at(0));
  note::Transition death =
      transition("n2", PeerState::kHealthy, PeerState::kBackoff, Reason::kUserTimeout);
  death.error = ETIMEDOUT;
  Evidence evidence;
  evidence.operation = "send";
  evidence.second_error = EPIPE;
  evidence.tcp_info = TcpInfo{};
  evidence.tcp_info->state = "CLOSE";
  const Note note{death};
  history.tell({.note = note, .evidence = &evidence, .since_life = std::chrono::seconds(29)},
               at(100));
  const PeerStanding* standing = history.find("n2");
  ASSERT_NE(standing, nullptr);
  EXPECT_EQ(standing->since, at(100));
  EXPECT_EQ(standing->reason, Reason::kUserTimeout);
  ASSERT_EQ(standing->transitions.size(), 1U);
  const auto json = to_json(standing->transitions[0]);
  EXPECT_EQ(json.at("from"), "Healthy");
  EXPECT_EQ(json.at("to"), "Backoff");
  EXPECT_EQ(json.at("reason"), "user_timeout");
  EXPECT_EQ(json.at("errno"), "ETIMEDOUT");
  EXPECT_EQ(json.at("second_errno"), "EPIPE");
  EXPECT_EQ(json.at("so_error"), "OK");
  EXPECT_EQ(json.at("operation"), "send");
  EXPECT_EQ(json.at("since_life_ms"), 29'000);
  EXPECT_EQ(json.at("tcp_info").at("state"), "CLOSE");
}

TEST(NodePeerHistory, IsBoundedAndForgetsTheOldestFirst) {
  PeerHistory history(config({"n2"}), at(0));
  for (int i = 1; i <= 300; ++i) {
    const Note note{transition("n2", PeerState::kBackoff, PeerState::kDialing, Reason::kRetryDue)};
    history.tell({.note = note}, at(i));
  }
  const auto& kept = history.find("n2")->transitions;
  ASSERT_EQ(kept.size(), PeerHistory::kTransitionsMax);
  EXPECT_EQ(kept.front().at, at(45));
  EXPECT_EQ(kept.back().at, at(300));
}

TEST(NodePeerHistory, ANightOfFailedDialsLeavesTheDeathBeforeIt) {
  PeerHistory history(config({"n2"}), at(0));
  const Note death{
      transition("n2", PeerState::kSuspect, PeerState::kBackoff, Reason::kPingTimeout)};
  history.tell({.note = death}, at(1));
  for (int i = 2; i <= 1'000; ++i) {
    const Note note{transition("n2", PeerState::kBackoff, PeerState::kDialing, Reason::kRetryDue)};
    history.tell({.note = note}, at(i));
  }
  const auto& kept = history.find("n2")->transitions;
  ASSERT_EQ(kept.size(), PeerHistory::kTransitionsMax);
  EXPECT_EQ(kept.front().reason, Reason::kPingTimeout);
  EXPECT_EQ(kept.back().at, at(1'000));
}

TEST(NodePeerHistory, ADeadConnectionHasNoDirectionAndNoRoundTrip) {
  PeerHistory history(config({"n2"}), at(0));
  const Note opened{note::ConnectionOpened{"n2", ConnectionId{1}, Direction::kInbound, 1}};
  const Note ping{note::PingNoted{"n2", note::PingStep::kAnswered, std::chrono::milliseconds(3)}};
  history.tell({.note = opened}, at(1));
  history.tell({.note = ping}, at(2));
  EXPECT_EQ(history.find("n2")->direction, Direction::kInbound);
  EXPECT_EQ(history.find("n2")->ping_round_trip, std::chrono::milliseconds(3));
  const Note death{transition("n2", PeerState::kHealthy, PeerState::kIdle, Reason::kEof)};
  history.tell({.note = death}, at(3));
  EXPECT_FALSE(history.find("n2")->direction);
  EXPECT_FALSE(history.find("n2")->ping_round_trip);
}

TEST(NodePeerHistory, PeersOfAReloadComeAndGoAndTheOthersStay) {
  PeerHistory history(config({"n2", "n3"}), at(0));
  const Note note{transition("n2", PeerState::kIdle, PeerState::kHealthy, Reason::kHello)};
  history.tell({.note = note}, at(1));
  history.set_peers(config({"n2", "n4"}), at(5));
  EXPECT_EQ(history.find("n2")->transitions.size(), 1U);
  EXPECT_EQ(history.find("n3"), nullptr);
  EXPECT_EQ(history.find("n4")->since, at(5));
  const Note stale{transition("n3", PeerState::kIdle, PeerState::kClosed, Reason::kRemoved)};
  history.tell({.note = stale}, at(6));
  EXPECT_EQ(history.find("n3"), nullptr);
}

}  // namespace
}  // namespace halfopen::node

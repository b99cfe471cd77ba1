#include "node/core/liveness.hpp"

#include <gtest/gtest.h>

#include "node/core/detection_bound.hpp"
#include "node/core/limits.hpp"

namespace halfopen::node {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

Instant at(double seconds_since_opening) {
  return Instant{} + Duration{static_cast<std::int64_t>(seconds_since_opening * 1e9)};
}

Liveness make_liveness() {
  const PingSettings ping{.enabled = true, .interval = seconds(10), .timeout = seconds(5)};
  const RetrySettings retry{.enabled = true, .ack_deadline = seconds(4)};
  return Liveness{ping, retry, at(0)};
}

TEST(NodeLiveness, APingThatNobodyAnswersIsTheEnd) {
  Liveness liveness = make_liveness();
  EXPECT_EQ(liveness.next_deadline(at(1)), at(10));
  EXPECT_FALSE(liveness.is_ping_due(at(9.9)));
  ASSERT_TRUE(liveness.is_ping_due(at(10)));
  (void)liveness.start_ping(at(10));
  EXPECT_EQ(liveness.suspicion(at(12.4)), std::nullopt);
  EXPECT_EQ(liveness.suspicion(at(12.5)), Reason::kPingTimeout);
  EXPECT_EQ(liveness.verdict(at(14.9)), std::nullopt);
  EXPECT_EQ(liveness.verdict(at(15)), Reason::kPingTimeout);
}

TEST(NodeLiveness, OnlyItsOwnPongAnswersAPing) {
  Liveness liveness = make_liveness();
  const auto nonce = liveness.start_ping(at(10));
  EXPECT_EQ(liveness.on_pong(nonce + 1, at(11)), std::nullopt);
  EXPECT_EQ(liveness.on_pong(nonce, at(11)), Duration{seconds(1)});
  EXPECT_EQ(liveness.on_pong(nonce, at(12)), std::nullopt) << "twice";
}

TEST(NodeLiveness, TheOldestVoteHasADeadlineWhateverElseComes) {
  Liveness liveness = make_liveness();
  liveness.watch_oldest_vote(at(1));
  liveness.on_received(at(4.9));
  EXPECT_EQ(liveness.verdict(at(4.9)), std::nullopt);
  EXPECT_EQ(liveness.verdict(at(5)), Reason::kAckTimeout);
  liveness.watch_oldest_vote(std::nullopt);
  EXPECT_EQ(liveness.verdict(at(5)), std::nullopt);
}

// A machine was suspended for an hour: the pong may lie in the kernel's buffer since then.
TEST(NodeLiveness, ADeadlineThatWentByWhileNobodyRanIsExcusedOnce) {
  Liveness liveness = make_liveness();
  (void)liveness.start_ping(at(10));
  liveness.watch_oldest_vote(at(10));
  const Instant awake = at(3600);
  liveness.excuse_lateness(awake);
  EXPECT_EQ(liveness.verdict(awake), std::nullopt);
  EXPECT_EQ(liveness.next_deadline(awake), awake + seconds(2)) << "half of the ACK's deadline";
  liveness.excuse_lateness(awake + seconds(4));
  EXPECT_EQ(liveness.verdict(awake + seconds(4)), Reason::kAckTimeout);
  // Not again: a process that always runs late must still find a dead peer.
  liveness.excuse_lateness(awake + minutes(1));
  EXPECT_EQ(liveness.verdict(awake + minutes(1)), Reason::kPingTimeout);
}

TEST(NodeLiveness, ATimerThatIsALittleLateIsNoExcuse) {
  Liveness liveness = make_liveness();
  (void)liveness.start_ping(at(10));
  liveness.excuse_lateness(at(15) + kLateWakeup);
  EXPECT_EQ(liveness.verdict(at(15) + kLateWakeup), Reason::kPingTimeout);
}

TEST(NodeLiveness, TheNextPingMayBeExcusedAgain) {
  Liveness liveness = make_liveness();
  const auto nonce = liveness.start_ping(at(10));
  liveness.excuse_lateness(at(100));
  ASSERT_TRUE(liveness.on_pong(nonce, at(100)));
  liveness.on_received(at(100));
  (void)liveness.start_ping(at(110));
  liveness.excuse_lateness(at(200));
  EXPECT_EQ(liveness.verdict(at(200)), std::nullopt);
}

// --- the promise in numbers ---

TEST(NodeDetectionBound, IsTheFirstDefenceThatLooks) {
  Defences defences = defences_of(Preset::kResilient);
  EXPECT_EQ(idle_detection_bound(defences), Duration{seconds(15)}) << "a ping and its timeout";
  EXPECT_EQ(vote_detection_bound(defences), Duration{seconds(5)}) << "the ACK's deadline";
  EXPECT_EQ(reconnect_bound(defences), Duration{seconds(5 + 3 + 5)});
  defences.ping.enabled = false;
  EXPECT_EQ(idle_detection_bound(defences), Duration{seconds(30)}) << "keep-alive: 15 + 3 * 5";
  defences.retry.enabled = false;
  EXPECT_EQ(vote_detection_bound(defences), Duration{seconds(29)}) << "TCP_USER_TIMEOUT";
  defences.watch_idle = false;
  EXPECT_EQ(idle_detection_bound(defences), std::nullopt) << "the kernel knows, and nobody asks";
  EXPECT_EQ(vote_detection_bound(defences), std::nullopt);
}

TEST(NodeDetectionBound, TheNaiveNodeHasNone) {
  const Defences naive = defences_of(Preset::kNaive);
  EXPECT_EQ(idle_detection_bound(naive), std::nullopt);
  EXPECT_EQ(vote_detection_bound(naive), std::nullopt);
  EXPECT_EQ(reconnect_bound(naive), std::nullopt);
}

// Keep-alive does not probe while a ping waits for its acknowledgement.
TEST(NodeDetectionBound, KeepaliveCountsOnlyWhereNoPingComesFirst) {
  Defences defences = defences_of(Preset::kResilient);
  defences.ping.interval = seconds(20);
  defences.ping.timeout = seconds(30);
  EXPECT_EQ(idle_detection_bound(defences), Duration{seconds(50)});
  defences.ping.interval = seconds(40);
  EXPECT_EQ(idle_detection_bound(defences), Duration{seconds(30)});
}

}  // namespace
}  // namespace halfopen::node

// What ends a stream before its source does: timeout, reset_peer, limit_data.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/proxy_stream_run.hpp"

namespace halfopen {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::StreamRun;

TEST(Timeout, ClosesSoLongAfterTheLastData) {
  StreamRun run;
  run.add(1, TimeoutConfig{.timeout = seconds(1)});
  for (int i = 0; i < 5; ++i) {
    run.run_until(milliseconds(900 * i));
    run.send("swallowed");
  }
  run.run_until(milliseconds(900 * 4 + 999));
  EXPECT_EQ(run.chain().state(), StreamState::kOpen);
  run.run_until(milliseconds(900 * 4 + 1000));
  EXPECT_EQ(run.chain().state(), StreamState::kClose);
  EXPECT_EQ(run.received(), "");
}

TEST(Timeout, WithoutDataItCountsFromItsStart) {
  StreamRun run;
  run.run_until(seconds(10));
  run.add(1, TimeoutConfig{.timeout = seconds(1)});
  EXPECT_EQ(run.chain().deadline(), Instant{} + seconds(11));
  run.run_until(seconds(11));
  EXPECT_EQ(run.chain().state(), StreamState::kClose);
}

TEST(Timeout, AtZeroOrBelowItSwallowsForEver) {
  for (const Duration timeout : {seconds(0), seconds(-5)}) {
    StreamRun run;
    run.add(1, TimeoutConfig{.timeout = timeout});
    EXPECT_EQ(run.send(std::string(10'000'000, 'x')), 10'000'000U);
    run.end();
    run.run_until(seconds(100'000));
    EXPECT_EQ(run.chain().deadline(), std::nullopt);
    EXPECT_EQ(run.chain().state(), StreamState::kOpen);
    EXPECT_EQ(run.chain().held_bytes(), 0U);
    EXPECT_EQ(run.received(), "");
  }
}

TEST(Timeout, RemovedItClosesBehindWhatItHadLetPass) {
  StreamRun run;
  run.stop_sink();
  run.send("before");
  run.add(1, TimeoutConfig{});
  run.send("swallowed");
  run.remove(1);
  EXPECT_EQ(run.chain().state(), StreamState::kOpen);
  run.resume_sink();
  EXPECT_EQ(run.received(), "before");
  EXPECT_EQ(run.chain().state(), StreamState::kClose);
}

TEST(Timeout, SparedAfterItHasSwallowedItCloses) {
  StreamRun run;
  run.add(1, TimeoutConfig{});
  run.send("swallowed");
  run.change(1, NoopConfig{});
  run.send("behind the hole");
  EXPECT_EQ(run.received(), "");
  EXPECT_EQ(run.chain().state(), StreamState::kClose);
}

TEST(Timeout, AChangeBeginsAnew) {
  StreamRun run;
  run.add(1, TimeoutConfig{});
  run.run_until(seconds(5));
  run.change(1, TimeoutConfig{.timeout = seconds(1)});
  EXPECT_EQ(run.chain().deadline(), Instant{} + seconds(6));
  run.change(1, NoopConfig{});
  EXPECT_EQ(run.chain().deadline(), std::nullopt);
  run.send("spared");
  EXPECT_EQ(run.received(), "spared");
  run.change(1, TimeoutConfig{.timeout = seconds(1)});
  run.run_until(seconds(6));
  EXPECT_EQ(run.chain().state(), StreamState::kClose);
}

TEST(ResetPeer, ComesSoLongAfterTheFirstData) {
  StreamRun run;
  run.add(1, ResetPeerConfig{.timeout = milliseconds(100)});
  run.run_until(seconds(100));
  EXPECT_EQ(run.chain().state(), StreamState::kOpen);
  run.send("dropped");
  run.run_until(seconds(100) + milliseconds(50));
  run.send("too");
  run.run_until(seconds(100) + milliseconds(99));
  EXPECT_EQ(run.chain().state(), StreamState::kOpen);
  run.run_until(seconds(100) + milliseconds(100));
  EXPECT_EQ(run.chain().state(), StreamState::kReset);
  EXPECT_EQ(run.received(), "");
  EXPECT_EQ(run.chain().room(), 0U);
  EXPECT_EQ(run.chain().deadline(), std::nullopt);
}

TEST(ResetPeer, AlsoAfterTheEndAndWithoutWaiting) {
  StreamRun ended;
  ended.add(1, ResetPeerConfig{.timeout = milliseconds(100)});
  ended.end();
  ended.run_until(milliseconds(100));
  EXPECT_EQ(ended.chain().state(), StreamState::kReset);
  StreamRun at_once;
  at_once.add(1, ResetPeerConfig{});
  at_once.send("x");
  EXPECT_EQ(at_once.chain().state(), StreamState::kReset);
}

TEST(ResetPeer, OnNowResetsAnIdleStream) {
  StreamRun run;
  run.run_until(seconds(7));
  run.add(1, ResetPeerConfig{.timeout = seconds(1), .on = ResetOn::kNow});
  EXPECT_EQ(run.chain().deadline(), Instant{} + seconds(8));
  run.run_until(seconds(8));
  EXPECT_EQ(run.chain().state(), StreamState::kReset);
  StreamRun changed;
  changed.add(1, ResetPeerConfig{});
  changed.run_until(seconds(7));
  changed.change(1, ResetPeerConfig{.on = ResetOn::kNow});
  EXPECT_EQ(changed.chain().state(), StreamState::kReset);
}

TEST(ResetPeer, DoesNotWaitForASinkThatHasStopped) {
  StreamRun run;
  run.stop_sink();
  run.send("unread");
  run.add(1, ResetPeerConfig{.on = ResetOn::kNow});
  EXPECT_EQ(run.chain().state(), StreamState::kReset);
  EXPECT_TRUE(run.chain().output().empty());
  EXPECT_EQ(run.chain().held_bytes(), 0U);
}

TEST(ResetPeer, RemovedWhileDataIsGoneItResetsElseItDoesNothing) {
  StreamRun dropped;
  dropped.add(1, ResetPeerConfig{.timeout = seconds(100)});
  dropped.send("gone");
  dropped.remove(1);
  EXPECT_EQ(dropped.chain().state(), StreamState::kReset);
  StreamRun untouched;
  untouched.add(1, ResetPeerConfig{.timeout = seconds(100)});
  untouched.remove(1);
  untouched.send("whole");
  EXPECT_EQ(untouched.received(), "whole");
  EXPECT_EQ(untouched.chain().state(), StreamState::kOpen);
}

TEST(ResetPeer, NothingThatWasHeldComesAfterTheReset) {
  StreamRun run;
  run.stop_sink();
  run.add(1, NoopConfig{});
  ASSERT_EQ(run.send(std::string(100000, 'a')), 100000U);  // fills the output and the stage
  run.change(1, ResetPeerConfig{.timeout = seconds(100)});
  run.send("gone");
  run.remove(1);
  EXPECT_EQ(run.chain().state(), StreamState::kReset);
  run.resume_sink();
  EXPECT_EQ(run.received(), "");
}

// As a new draw of the toxicity does it: nothing may be read beyond a hole.
TEST(ResetPeer, SparedWhileDataIsGoneItResets) {
  StreamRun run;
  run.add(1, ResetPeerConfig{.timeout = seconds(100)});
  run.send("gone");
  run.change(1, NoopConfig{});
  run.send("behind the hole");
  EXPECT_EQ(run.received(), "");
  EXPECT_EQ(run.chain().state(), StreamState::kReset);
}

TEST(LimitData, PassesExactlySoManyBytesThenCloses) {
  StreamRun run;
  run.add(1, LimitDataConfig{.bytes = 10});
  run.send("12345");
  EXPECT_EQ(run.chain().state(), StreamState::kOpen);
  run.send("6789abcdef");
  EXPECT_EQ(run.received(), "123456789a");
  EXPECT_EQ(run.chain().state(), StreamState::kClose);
  EXPECT_EQ(run.chain().room(), 0U);
}

TEST(LimitData, ClosesWithTheLastByteAndNotBefore) {
  StreamRun run;
  run.add(1, LimitDataConfig{.bytes = 3});
  run.send("abc");
  EXPECT_EQ(run.chain().state(), StreamState::kClose);
  StreamRun delayed;
  delayed.add(1, LimitDataConfig{.bytes = 3});
  delayed.add(2, LatencyConfig{.latency = seconds(1)});
  delayed.send("abcdef");
  delayed.run_until(milliseconds(999));
  EXPECT_EQ(delayed.chain().state(), StreamState::kOpen);
  delayed.run_until(seconds(1));
  EXPECT_EQ(delayed.received(), "abc");
  EXPECT_EQ(delayed.chain().state(), StreamState::kClose);
}

TEST(LimitData, AtZeroOrBelowItClosesAtTheFirstData) {
  for (const std::int64_t bytes : {0, -5}) {
    StreamRun run;
    run.add(1, LimitDataConfig{.bytes = bytes});
    run.run_until(seconds(100));
    EXPECT_EQ(run.chain().state(), StreamState::kOpen);
    run.send("x");
    EXPECT_EQ(run.chain().state(), StreamState::kClose);
    EXPECT_EQ(run.received(), "");
  }
}

TEST(LimitData, TheCountOutlivesChanges) {
  StreamRun run;
  run.add(1, LimitDataConfig{.bytes = 100});
  run.send(std::string(60, 'x'));
  run.change(1, LimitDataConfig{.bytes = 70});
  run.change(1, NoopConfig{});
  run.send("spared");
  run.change(1, LimitDataConfig{.bytes = 80});
  run.send(std::string(60, 'y'));
  EXPECT_THAT(run.writes(), ::testing::ElementsAre(StreamRun::Write{{}, std::string(60, 'x')},
                                                   StreamRun::Write{{}, "spared"},
                                                   StreamRun::Write{{}, std::string(20, 'y')}));
  EXPECT_EQ(run.chain().state(), StreamState::kClose);
}

TEST(LimitData, BelowWhatHasPassedItClosesAtTheNextData) {
  StreamRun run;
  run.add(1, LimitDataConfig{.bytes = 100});
  run.send(std::string(60, 'x'));
  run.change(1, LimitDataConfig{.bytes = 50});
  EXPECT_EQ(run.chain().state(), StreamState::kOpen);
  run.send("y");
  EXPECT_EQ(run.received(), std::string(60, 'x'));
  EXPECT_EQ(run.chain().state(), StreamState::kClose);
}

TEST(LimitData, AStreamThatEndsBeforeEndsAsItDoes) {
  StreamRun run;
  run.add(1, LimitDataConfig{.bytes = 100});
  run.send("short");
  run.end();
  EXPECT_EQ(run.chain().state(), StreamState::kEnded);
}

}  // namespace
}  // namespace halfopen

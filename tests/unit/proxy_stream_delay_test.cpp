// What comes later: latency, bandwidth, slow_close.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "proxy/core/stream/bandwidth_budget.hpp"
#include "tests/unit/proxy_stream_run.hpp"

namespace halfopen {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::StreamRun;
using Write = StreamRun::Write;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Latency, EveryMessageLeavesThatMuchLater) {
  StreamRun run;
  run.add(1, LatencyConfig{.latency = milliseconds(100)});
  run.send("one");
  run.run_until(milliseconds(40));
  run.send("two");
  run.run_until(seconds(1));
  EXPECT_THAT(run.writes(),
              ElementsAre(Write{milliseconds(100), "one"}, Write{milliseconds(140), "two"}));
  EXPECT_EQ(run.chain().held_bytes(), 0U);
}

TEST(Latency, SeveralAddUpAndALateTimerDoesNot) {
  StreamRun run;
  run.add(1, LatencyConfig{.latency = milliseconds(100)});
  run.add(2, LatencyConfig{.latency = milliseconds(50)});
  run.send("x");
  // Woken 20 ms late in between, it still arrives after 150 ms.
  run.chain().handle_timeout(run.now() + milliseconds(120));
  run.run_until(milliseconds(149));
  EXPECT_THAT(run.writes(), IsEmpty());
  EXPECT_EQ(run.chain().deadline(), Instant{} + milliseconds(150));
}

TEST(Latency, TheEndWaitsForWhatIsBeforeItOnly) {
  StreamRun run;
  run.add(1, LatencyConfig{.latency = milliseconds(100)});
  run.send("x");
  run.run_until(milliseconds(30));
  run.end();
  run.run_until(milliseconds(99));
  EXPECT_EQ(run.chain().state(), StreamState::kOpen);
  run.run_until(milliseconds(100));
  EXPECT_EQ(run.chain().state(), StreamState::kEnded);
  StreamRun idle;
  idle.add(1, LatencyConfig{.latency = milliseconds(100)});
  idle.end();
  EXPECT_EQ(idle.chain().state(), StreamState::kEnded);
}

TEST(Latency, BelowZeroIsNone) {
  StreamRun run;
  run.add(1, LatencyConfig{.latency = milliseconds(-100), .jitter = milliseconds(50)});
  run.send("x");
  EXPECT_EQ(run.received(), "x");
}

TEST(Latency, JitterKeepsTheOrderAndIsFinerThanAMillisecond) {
  StreamRun run;
  run.add(1, LatencyConfig{.latency = milliseconds(10), .jitter = milliseconds(4)}, 7);
  std::string sent;
  for (int i = 0; i < 200; ++i) {
    run.run_until(milliseconds(10 * i));
    run.send("m" + std::to_string(i));
    sent += "m" + std::to_string(i);
  }
  run.run_until(seconds(10));
  EXPECT_EQ(run.received(), sent);
  ASSERT_EQ(run.writes().size(), 200U);
  std::set<Duration> fractions;
  Duration least = seconds(1);
  Duration most{0};
  for (int i = 0; i < 200; ++i) {
    const Duration delay = run.writes()[static_cast<std::size_t>(i)].at - milliseconds(10 * i);
    least = std::min(least, delay);
    most = std::max(most, delay);
    fractions.insert(delay % milliseconds(1));
  }
  EXPECT_GE(least, milliseconds(6));
  EXPECT_LT(least, milliseconds(7));
  EXPECT_LT(most, milliseconds(14));
  EXPECT_GE(most, milliseconds(13));
  EXPECT_GT(fractions.size(), 150U);
}

TEST(Latency, ASeedReproducesWhateverTheReads) {
  const auto times = [](std::uint64_t seed, std::size_t read) {
    StreamRun run;
    run.add(1, LatencyConfig{.latency = milliseconds(10), .jitter = milliseconds(5)}, seed);
    std::vector<Duration> ends;
    for (int i = 0; i < 20; ++i) {
      run.run_until(milliseconds(100 * i));
      for (std::size_t at = 0; at < 100; at += read)
        run.send(std::string(read, 'x'));
      run.run_until(milliseconds(100 * i + 50));
      ends.push_back(run.writes().back().at);
    }
    return ends;
  };
  EXPECT_EQ(times(3, 100), times(3, 100));
  EXPECT_EQ(times(3, 100), times(3, 10));
  EXPECT_NE(times(3, 100), times(4, 100));
}

TEST(Latency, AChangeHoldsForWhatStillWaits) {
  StreamRun run;
  run.add(1, LatencyConfig{.latency = seconds(100)});
  run.send("first");
  run.run_until(seconds(10));
  run.send("second");
  run.change(1, LatencyConfig{.latency = seconds(12)});
  run.run_until(seconds(60));
  EXPECT_THAT(run.writes(), ElementsAre(Write{seconds(12), "first"}, Write{seconds(22), "second"}));
}

TEST(Latency, RemovedItPassesOnWhatItHeldAtOnce) {
  StreamRun run;
  run.add(1, LatencyConfig{.latency = seconds(100)});
  run.send("held ");
  run.run_until(seconds(1));
  run.send("and more");
  run.remove(1);
  run.run_until(seconds(1));
  EXPECT_EQ(run.received(), "held and more");
  EXPECT_FALSE(run.chain().has_stages());
}

TEST(Latency, TakesThirtyTwoMebibytesBeforeItHoldsUpTheSource) {
  StreamRun run;
  run.add(1, LatencyConfig{.latency = seconds(1)});
  const std::size_t sent = run.send(std::string(40 * 1024 * 1024, 'x'));
  EXPECT_GT(sent, 32U * 1024 * 1024 - 8192);
  EXPECT_LE(sent, 32U * 1024 * 1024);
  EXPECT_EQ(run.chain().room(), 0U);
  EXPECT_EQ(run.chain().held_bytes(), sent);
  run.run_until(seconds(2));
  EXPECT_EQ(run.received().size(), sent);
}

TEST(Latency, ManySmallMessagesAreBoundedToo) {
  StreamRun run;
  run.add(1, LatencyConfig{.latency = seconds(100)});
  std::size_t messages = 0;
  while (run.send("x") == 1 && messages < 1'000'000) {
    ++messages;
    run.run_until(run.time() + Duration{10});
  }
  EXPECT_EQ(messages, 262'144U);
  EXPECT_EQ(run.chain().room(), 0U);
}

TEST(Bandwidth, ATransferTakesItsSizeByTheRate) {
  StreamRun run;
  run.add(1, BandwidthConfig{.rate_kilobytes_per_second = 1000});
  std::string data(480'000, 'x');
  std::string_view left = data;
  left.remove_prefix(run.send(left));
  while (!left.empty()) {
    run.run_until(run.time() + milliseconds(1));
    left.remove_prefix(run.send(left));
  }
  run.run_until(seconds(10));
  EXPECT_EQ(run.received(), data);
  EXPECT_EQ(run.writes().back().at, milliseconds(480));
}

TEST(Bandwidth, ASlowLineIsFedInPiecesOfAHundredMilliseconds) {
  StreamRun run;
  run.add(1, BandwidthConfig{.rate_kilobytes_per_second = 1});
  run.send(std::string(250, 'x'));
  run.run_until(seconds(1));
  EXPECT_THAT(run.writes(), ElementsAre(Write{milliseconds(100), std::string(100, 'x')},
                                        Write{milliseconds(200), std::string(100, 'x')},
                                        Write{milliseconds(250), std::string(50, 'x')}));
}

TEST(Bandwidth, LateTimersDoNotSlowItDown) {
  StreamRun run;
  run.add(1, BandwidthConfig{.rate_kilobytes_per_second = 10});
  run.send(std::string(10'000, 'x'));
  // Woken 30 ms late each time.
  while (run.chain().held_bytes() > 0)
    run.run_until(*run.chain().deadline() + milliseconds(30) - Instant{});
  EXPECT_LE(run.writes().back().at, seconds(1) + milliseconds(30));
}

TEST(Bandwidth, TimeInWhichNothingCameOrWentIsNotMadeUpFor) {
  StreamRun idle;
  idle.add(1, BandwidthConfig{.rate_kilobytes_per_second = 1});
  idle.run_until(seconds(60));
  idle.send(std::string(200, 'x'));
  idle.run_until(seconds(61));
  EXPECT_THAT(idle.writes(),
              ElementsAre(Write{seconds(60) + milliseconds(100), std::string(100, 'x')},
                          Write{seconds(60) + milliseconds(200), std::string(100, 'x')}));
  StreamRun blocked;
  blocked.add(1, BandwidthConfig{.rate_kilobytes_per_second = 10});
  blocked.stop_sink();
  for (int second = 0; second < 60; ++second) {
    blocked.send(std::string(10'000, 'x'));
    blocked.run_until(seconds(second));
  }
  ASSERT_GT(blocked.chain().held_bytes(), 120'000U);
  blocked.resume_sink();
  blocked.run_until(blocked.time());
  // What waited for the sink, and what the 100 ms are worth that may be made up for.
  EXPECT_LE(blocked.received().size(), 65536U + 3000U);
}

TEST(Bandwidth, AtZeroNothingPassesAndNobodyIsWoken) {
  StreamRun run;
  run.add(1, BandwidthConfig{});
  const std::size_t sent = run.send(std::string(1'000'000, 'x'));
  EXPECT_LE(sent, 65536U);
  EXPECT_EQ(run.chain().room(), 0U);
  EXPECT_EQ(run.chain().deadline(), std::nullopt);
  run.run_until(seconds(1000));
  EXPECT_THAT(run.writes(), IsEmpty());
  run.change(1, BandwidthConfig{.rate_kilobytes_per_second = 1'000'000});
  run.run_until(seconds(1001));
  EXPECT_EQ(run.received().size(), sent);
}

TEST(Bandwidth, AChangeBeginsNow) {
  StreamRun run;
  run.add(1, BandwidthConfig{.rate_kilobytes_per_second = 1});
  run.send(std::string(1000, 'x'));
  run.run_until(milliseconds(500));
  EXPECT_EQ(run.received().size(), 500U);
  run.change(1, BandwidthConfig{.rate_kilobytes_per_second = 5});
  run.run_until(seconds(1));
  EXPECT_EQ(run.writes().back().at, milliseconds(600));
  EXPECT_EQ(run.received().size(), 1000U);
}

TEST(Bandwidth, TheHighestRateIsNoLimit) {
  StreamRun run;
  run.add(1,
          BandwidthConfig{.rate_kilobytes_per_second = std::numeric_limits<std::int64_t>::max()});
  EXPECT_EQ(run.send(std::string(10'000'000, 'x')), 10'000'000U);
  run.run_until(milliseconds(1));
  EXPECT_EQ(run.received().size(), 10'000'000U);
}

TEST(Bandwidth, OneLineForAllConnectionsOfAProxy) {
  BandwidthConfig config{.rate_kilobytes_per_second = 10,
                         .scope = BandwidthScope::kProxy,
                         .shared_budget = std::make_shared<BandwidthBudget>()};
  StreamRun one;
  StreamRun other;
  one.add(1, config);
  other.add(1, config);
  one.send(std::string(5000, 'x'));
  other.send(std::string(5000, 'x'));
  for (int i = 1; i <= 1000; ++i) {
    one.run_until(milliseconds(i));
    other.run_until(milliseconds(i));
    if (i == 500) {
      // Neither is starved.
      EXPECT_GE(one.received().size(), 2400U);
      EXPECT_GE(other.received().size(), 2400U);
    }
  }
  EXPECT_EQ(one.received().size(), 5000U);
  EXPECT_EQ(other.received().size(), 5000U);
  EXPECT_GE(std::max(one.writes().back().at, other.writes().back().at), milliseconds(1000));
}

TEST(SlowClose, OnlyTheEndIsLate) {
  StreamRun run;
  run.add(1, SlowCloseConfig{.delay = seconds(3)});
  run.send("data");
  EXPECT_EQ(run.received(), "data");
  run.run_until(seconds(1));
  run.end();
  run.run_until(milliseconds(3999));
  EXPECT_EQ(run.chain().state(), StreamState::kOpen);
  run.run_until(seconds(4));
  EXPECT_EQ(run.chain().state(), StreamState::kEnded);
}

TEST(SlowClose, CountsFromWhenTheDataBeforeItHasLeft) {
  StreamRun run;
  run.add(1, LatencyConfig{.latency = seconds(1)});
  run.add(2, SlowCloseConfig{.delay = seconds(3)});
  run.send("data");
  run.end();
  run.run_until(milliseconds(3999));
  EXPECT_EQ(run.chain().state(), StreamState::kOpen);
  run.run_until(seconds(4));
  EXPECT_EQ(run.chain().state(), StreamState::kEnded);
}

TEST(SlowClose, ChangedOrRemovedItEndsByTheNewWord) {
  StreamRun changed;
  changed.add(1, SlowCloseConfig{.delay = seconds(100)});
  changed.end();
  changed.run_until(seconds(1));
  changed.change(1, SlowCloseConfig{.delay = seconds(2)});
  EXPECT_EQ(changed.chain().deadline(), Instant{} + seconds(2));
  StreamRun removed;
  removed.add(1, SlowCloseConfig{.delay = seconds(100)});
  removed.end();
  removed.run_until(seconds(1));
  removed.remove(1);
  removed.run_until(seconds(1));
  EXPECT_EQ(removed.chain().state(), StreamState::kEnded);
}

}  // namespace
}  // namespace halfopen

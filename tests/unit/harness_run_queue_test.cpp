// The admission desk, in invented time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/prng.hpp"
#include "harness/model/run_queue.hpp"

namespace halfopen {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr Instant kBegin = Instant::from_nanoseconds(1'000'000'000);

RunQueue queue(RunQueue::Settings settings, std::vector<QueuedRun> runs) {
  return {settings, std::move(runs), kBegin};
}

TEST(RunQueue, TheLongestGoesFirstAndEqualOnesInOrder) {
  auto desk =
      queue({3, {}, false}, {{1, seconds(1)}, {1, seconds(9)}, {1, seconds(5)}, {1, seconds(9)}});
  EXPECT_EQ(desk.next(kBegin), 1U);
  EXPECT_EQ(desk.next(kBegin), 3U);
  EXPECT_EQ(desk.next(kBegin), 2U);
  EXPECT_EQ(desk.next(kBegin), std::nullopt);  // three units are in use
  EXPECT_TRUE(desk.on_end(2, {}));
  EXPECT_EQ(desk.next(kBegin), 0U);
  EXPECT_THAT(desk.running(), ElementsAre(1, 3, 0));
}

TEST(RunQueue, ARunThatCostsMoreThanThereIsRunsAlone) {
  auto desk = queue({2, {}, false}, {{8, seconds(2)}, {1, seconds(1)}});
  EXPECT_EQ(desk.next(kBegin), 0U);
  EXPECT_EQ(desk.next(kBegin), std::nullopt);
  desk.on_end(0, {});
  EXPECT_EQ(desk.next(kBegin), 1U);
}

TEST(RunQueue, AStalledRunIsPlayedOnceMoreWhenNothingElseRuns) {
  auto desk = queue({4, {}, false}, {{1, seconds(2)}, {1, seconds(1)}});
  EXPECT_EQ(desk.next(kBegin), 0U);
  EXPECT_EQ(desk.next(kBegin), 1U);
  EXPECT_FALSE(desk.on_end(0, {false, true}));
  EXPECT_EQ(desk.next(kBegin), std::nullopt);
  EXPECT_FALSE(desk.done());
  EXPECT_TRUE(desk.on_end(1, {}));
  EXPECT_EQ(desk.next(kBegin), 0U);
  EXPECT_TRUE(desk.on_end(0, {false, true}));  // and not a third time
  EXPECT_TRUE(desk.done());
  EXPECT_EQ(desk.left_out(0), "");
}

TEST(RunQueue, NothingStartsThatWouldEndAfterTheBudget) {
  auto desk = queue({1, seconds(5), false}, {{1, seconds(3)}, {1, seconds(9)}, {1, seconds(1)}});
  EXPECT_EQ(desk.next(kBegin), 0U);
  EXPECT_THAT(desk.left_out(1), HasSubstr("time budget of 5s"));
  desk.on_end(0, {});
  EXPECT_EQ(desk.next(kBegin + milliseconds(4500)), std::nullopt);
  EXPECT_THAT(desk.left_out(2), HasSubstr("time budget"));
  EXPECT_TRUE(desk.done());
}

TEST(RunQueue, FailFastStartsNothingMore) {
  auto desk = queue({1, {}, true}, {{1, seconds(3)}, {1, seconds(2)}, {1, seconds(1)}});
  EXPECT_EQ(desk.next(kBegin), 0U);
  desk.on_end(0, {});
  EXPECT_EQ(desk.next(kBegin), 1U);
  desk.on_end(1, {true, false});
  EXPECT_EQ(desk.next(kBegin), std::nullopt);
  EXPECT_THAT(desk.left_out(2), HasSubstr("--fail-fast"));
  EXPECT_TRUE(desk.done());
}

TEST(RunQueue, WhatIsStoppedWhileItRunsIsNotPlayedAgain) {
  auto desk = queue({1, {}, false}, {{1, seconds(3)}, {1, seconds(2)}});
  EXPECT_EQ(desk.next(kBegin), 0U);
  desk.stop("not run: interrupted");
  EXPECT_TRUE(desk.on_end(0, {false, true}));
  EXPECT_TRUE(desk.done());
  EXPECT_EQ(desk.left_out(0), "");
  EXPECT_EQ(desk.left_out(1), "not run: interrupted");
}

TEST(RunQueue, TheTimeLeftIsTheWorkOverTheUnitsAndNeverLessThanTheLongest) {
  auto desk = queue({2, {}, false}, {{1, seconds(8)}, {1, seconds(2)}, {1, seconds(2)}});
  EXPECT_EQ(desk.remaining(kBegin), seconds(8));
  EXPECT_EQ(desk.next(kBegin), 0U);
  EXPECT_EQ(desk.remaining(kBegin + seconds(7)), Duration(milliseconds(2500)));
}

// Whatever happens: the units are kept, and every run ends played or left out, never both.
TEST(RunQueue, NoRunIsForgotten) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    Prng draws(seed);
    std::vector<QueuedRun> runs;
    for (std::uint64_t i = 0; i < 1 + draws.below(20); ++i) {
      runs.push_back({static_cast<unsigned>(1 + draws.below(8)), seconds(draws.below(10))});
    }
    RunQueue::Settings settings;
    settings.units = static_cast<unsigned>(1 + draws.below(6));
    settings.fail_fast = draws.chance(1, 2);
    if (draws.chance(1, 2)) settings.time_budget = seconds(draws.below(60));
    RunQueue desk(settings, runs, kBegin);
    std::vector<unsigned> played(runs.size());
    Instant now = kBegin;
    while (!desk.done()) {
      while (const auto index = desk.next(now))
        ++played[*index];
      unsigned used = 0;
      for (const std::size_t index : desk.running())
        used += runs[index].cost;
      ASSERT_TRUE(desk.running().size() == 1 || used <= settings.units) << "seed " << seed;
      if (desk.running().empty()) break;
      now = now + seconds(1);
      const std::size_t ended = desk.running()[draws.below(desk.running().size())];
      desk.on_end(ended, {draws.chance(1, 10), draws.chance(1, 5)});
    }
    ASSERT_TRUE(desk.done()) << "seed " << seed;
    for (std::size_t index = 0; index < runs.size(); ++index) {
      ASSERT_LE(played[index], 2U);
      ASSERT_TRUE(played[index] > 0 || !desk.left_out(index).empty()) << "seed " << seed;
    }
  }
}

TEST(ExpectedDuration, CountsIdleTimesAndWindowsThatEndLast) {
  Scenario scenario;
  scenario.steps.push_back({"quiet", {}, IdleFor{seconds(4)}});
  scenario.steps.push_back({"vote", {}, CastVotes{"n1", 3, milliseconds(500)}});
  const Duration steps = expected_duration(scenario);
  EXPECT_GE(steps, seconds(5));
  Expectation late;
  late.window.since = "vote";
  late.window.within = seconds(10);
  scenario.expectations.push_back(late);
  EXPECT_EQ(expected_duration(scenario) - steps, Duration(seconds(9)));
}

}  // namespace
}  // namespace halfopen

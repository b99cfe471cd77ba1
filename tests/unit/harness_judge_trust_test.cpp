// May the record of a run be believed? What makes a run inconclusive, or an error of our own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/model/judge_window.hpp"
#include "tests/unit/harness_judge_scenario.hpp"

namespace halfopen {
namespace {

using test::at;
using test::expression;
using test::from_seconds;
using test::kN2;
using test::RecordBuilder;
using test::scenario_of;
using test::since;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class CrossCheck : public testing::Test {
 protected:
  CrossCheck() : run_(5) {
    run_.event(0, "n1", "started");
    run_.transition(1, "Idle", "Dialing", "start").transition(2, "Dialing", "Healthy", "hello");
  }
  void counted(double last) {
    SeriesLabels labels = kN2;
    run_.samples("votenode_peer_transitions_total", labels, 0, 2.05, 1);
    run_.samples("votenode_peer_transitions_total", labels, 2.05, 6, last);
  }
  RecordBuilder run_;
};

TEST_F(CrossCheck, AgreementSaysNothing) {
  counted(2);
  EXPECT_THAT(cross_check(run_.record()), IsEmpty());
}

TEST_F(CrossCheck, DisagreementIsAnInternalError) {
  counted(3);
  const auto results = cross_check(run_.record());
  ASSERT_THAT(results, SizeIs(1));
  EXPECT_EQ(results[0].id, "events-agree-with-metrics");
  EXPECT_EQ(results[0].verdict, Verdict::kFail);
  EXPECT_EQ(results[0].seen,
            "internal error: n1 logged 2 transitions, and votenode_peer_transitions_total says 3");
}

TEST_F(CrossCheck, ARestartedProcessIsNotComparable) {
  counted(1);
  run_.event(3, "n1", "started");
  EXPECT_THAT(cross_check(run_.record()), IsEmpty());
}

TEST_F(CrossCheck, ATransitionBesideTheLastScrapeMayBeOnEitherSide) {
  counted(2);
  run_.transition(4.95, "Healthy", "Closed", "eof");
  EXPECT_THAT(cross_check(run_.record()), IsEmpty());
}

TEST(FaultTrouble, AFaultThatTheProxyCouldNotHoldIsNamed) {
  RecordBuilder run(5);
  run.event(1, "", "fault_added", {{"proxy", "n1-n2"}, {"fault", "blackhole"}});
  EXPECT_EQ(fault_trouble(run.record()), "");
  run.event(
      2, "", "fault_failed",
      {{"proxy", "n1-n2"}, {"conn", 3}, {"fault", "blackhole"}, {"what", "no filter: EPERM"}});
  EXPECT_EQ(fault_trouble(run.record()),
            "a fault could not be produced: blackhole on n1-n2, connection 3: no filter: EPERM "
            "(at +2.000s)");
  run.event(3, "", "fault_failed", {{"proxy", "n1-n2"}, {"fault", "nat"}, {"what", "x"}});
  EXPECT_THAT(fault_trouble(run.record()), HasSubstr("(at +2.000s, and 1 more)"));
}

TEST(FaultTrouble, TheCounterSpeaksWhereNoEventDoes) {
  RecordBuilder run(5);
  run.samples("fault_proxy_fault_failures_total", {{"proxy", "n1-n2"}}, 0, 5, 0);
  run.samples("fault_proxy_fault_failures_total", {{"proxy", "n1-n3"}}, 0, 2, 0);
  run.record().samples.mark_stale({{"proxy", "n1-n2"}}, at(5));
  EXPECT_EQ(fault_trouble(run.record()), "") << "nothing failed";
  run.samples("fault_proxy_fault_failures_total", {{"proxy", "n1-n3"}}, 2, 4, 2);
  run.record().samples.mark_stale({{"proxy", "n1-n3"}}, at(4));
  EXPECT_EQ(fault_trouble(run.record()),
            "a fault could not be produced: n1-n3 counted 2 in fault_proxy_fault_failures_total")
      << "also where the proxy was gone at the end";
}

TEST(Stalled, OnlyLatenessAboveTheMarginInAWindowCounts) {
  RecordBuilder run(5);
  Scenario scenario = scenario_of(Always{expression("up == 1")});
  auto& late = run.record().late_heartbeats;
  late.push_back({at(0.5), from_seconds(3)});   // before the first window
  late.push_back({at(2), from_seconds(0.25)});  // a quarter of the 1 s between competing times
  EXPECT_EQ(stalled(scenario, run.record()), "");
  late.push_back({at(3), from_seconds(0.251)});
  EXPECT_THAT(stalled(scenario, run.record()),
              HasSubstr("at +3.000s the heartbeat was 251 ms late"));
}

TEST(Stalled, AHundredMillisecondsAreAlwaysGranted) {
  RecordBuilder run(5);
  Scenario scenario =
      scenario_of(Eventually{expression("up == 1")}, since("rest", from_seconds(0.2)));
  auto& late = run.record().late_heartbeats;
  late.push_back({at(2), from_seconds(0.1)});
  EXPECT_EQ(stalled(scenario, run.record()), "");
  late.push_back({at(2), from_seconds(0.11)});
  EXPECT_THAT(stalled(scenario, run.record()), HasSubstr("allow for 100 ms"));
}

RunRecord scraped(double seconds, double missing_from, double missing_to) {
  RunRecord record;
  record.scrape_interval = std::chrono::milliseconds(100);
  record.whole = {at(0), at(seconds)};
  record.steps = {{"up", {at(0), at(1)}}, {"quiet", {at(1), at(seconds)}}};
  for (int round = 0; round * 0.1 <= seconds; ++round) {
    const double time = round * 0.1;
    // Every other one within the gap: too few, and yet never three intervals without any.
    if (time > missing_from && time < missing_to && round % 2 == 1) continue;
    record.scrape_times.push_back(at(time));
  }
  return record;
}

TEST(ScrapeTrouble, ARunThatWasScrapedThroughoutHasNone) {
  EXPECT_EQ(scrape_trouble(scraped(6, 0, 0)), "");
}

TEST(ScrapeTrouble, TooFewScrapesAreTroubleAlsoWithoutALongGap) {
  EXPECT_THAT(scrape_trouble(scraped(6, 0, 6)), HasSubstr("90 % are needed"));
}

TEST(ScrapeTrouble, AStepIsLookedAtByItself) {
  // A tenth of the run's scrapes, a third of the first step's.
  RunRecord record = scraped(20, 0, 1);
  EXPECT_THAT(scrape_trouble(record), HasSubstr("in step up"));
}

TEST(Unwatched, AWindowOfAnExpectationIsLookedAtByItself) {
  // Three of twenty scrapes are missing: enough of the step's, too few of the window's.
  RunRecord record = scraped(60, 31, 33);
  const auto looks_for = [](double seconds) {
    return scenario_of(Eventually{expression("up == 1")}, since("quiet", from_seconds(seconds)));
  };
  EXPECT_EQ(scrape_trouble(record), "");
  record.steps.push_back({"late", {at(31), at(60)}});
  Scenario scenario =
      scenario_of(Eventually{expression("up == 1")}, since("late", from_seconds(2)));
  EXPECT_THAT(unwatched(scenario, record), HasSubstr("too slow"));
  EXPECT_EQ(unwatched(looks_for(20), record), "");
  // Nine intervals are too few to tell a slow machine from a short window.
  EXPECT_EQ(
      unwatched(scenario_of(Eventually{expression("up == 1")}, since("late", from_seconds(0.9))),
                record),
      "");
}

TEST(ScrapeTrouble, ALongGapIsTroubleWhereverItIs) {
  RunRecord record = scraped(60, 0, 0);
  std::erase_if(record.scrape_times,
                [](Instant time) { return time > at(30.05) && time < at(30.55); });
  EXPECT_NE(scrape_trouble(record), "");
}

}  // namespace
}  // namespace halfopen

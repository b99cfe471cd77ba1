// Which connection died, when, of what, who found out, and what healed it: as sentences.
#include <gmock/gmock.h>

#include "tests/unit/harness_timeline_run.hpp"

namespace halfopen::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

FaultSpec black_hole() {
  return {"cut", "blackhole", {}, {}};
}

TEST(TimelineDeath, IsToldFromItsCauseToItsHealing) {
  TimelineRun run(10);
  run.connected(0.5)
      .middlebox(3, "nat_expired")
      .change(7.1, "n1", "Healthy", "Backoff", "ack_timeout");
  run.opened(8.2, "n1", "outbound").change(8.2, "n2", "Healthy", "Idle", "replaced");
  run.opened(8.2, "n2", "inbound");
  EXPECT_EQ(run.build().headline,
            "n1→n2 died silently at +3.0 s (NAT mapping expired), found at +7.1 s by n1 "
            "(ack_timeout); healed at +8.2 s by a new connection that n1 dialled; no votes were "
            "cast.");
}

TEST(TimelineDeath, IsToldAlsoWhenNobodyFoundOut) {
  TimelineRun run(10);
  run.connected(0.5).middlebox(3, "nat_expired");
  run.events().cast(5, "n1", "v1");
  const Timeline timeline = run.build();
  EXPECT_EQ(timeline.headline,
            "n1→n2 died silently at +3.0 s (NAT mapping expired), and neither end found out; 1 of "
            "1 vote from n1 to n2 lost.");
  for (const char* node : {"n1", "n2"}) {
    ASSERT_THAT(lane_of(timeline, node).half_open, SizeIs(1)) << node;
    EXPECT_EQ(lane_of(timeline, node).half_open[0].begin_ms, 3000);
    EXPECT_EQ(lane_of(timeline, node).half_open[0].end_ms, 10000);
  }
}

TEST(TimelineDeath, OneEndMayKnowLongBeforeTheOther) {
  TimelineRun run(10);
  run.nat({{"idle_timeout", "3s"}, {"on_expiry", "fin_both"}}).connected(0.5);
  run.middlebox(3, "nat_expired").change(3.01, "n2", "Healthy", "Idle", "eof");
  run.change(7, "n1", "Healthy", "Closed", "broken_pipe", "EPIPE");
  const Timeline timeline = run.build();
  EXPECT_THAT(timeline.headline,
              HasSubstr("n1→n2 died at +3.0 s (idle too long, the middlebox closed it with FINs), "
                        "noticed at once by n2 (eof); n1 found out at +7.0 s (broken_pipe, EPIPE); "
                        "never healed"));
  EXPECT_THAT(timeline.deaths, SizeIs(1));
  EXPECT_THAT(lane_of(timeline, "n2").half_open, IsEmpty());
  ASSERT_THAT(lane_of(timeline, "n1").half_open, SizeIs(1));
  EXPECT_EQ(lane_of(timeline, "n1").half_open[0].end_ms, 7000);
}

TEST(TimelineDeath, AMappingThatIsMadeAnewKillsNothing) {
  TimelineRun run(10);
  run.connected(0.5).middlebox(3, "nat_expired").middlebox(5, "nat_revived", {{"cause", "data"}});
  EXPECT_EQ(run.build().headline, "No connection died; no votes were cast.");
}

TEST(TimelineDeath, AnotherConnectionsRevivalDoesNotHelp) {
  TimelineRun run(10);
  run.connected(0.5).middlebox(3, "nat_expired").middlebox(5, "nat_revived", {{"conn", 2}});
  EXPECT_THAT(run.build().deaths, SizeIs(1));
}

TEST(TimelineDeath, ATieBreakOrAReplacementIsNone) {
  TimelineRun run(10);
  run.connected(0.5).change(0.6, "n1", "Healthy", "Idle", "tie_break").opened(0.7, "n1", "inbound");
  run.change(2, "n2", "Healthy", "Idle", "replaced").opened(2.1, "n2", "inbound");
  EXPECT_THAT(run.build().deaths, IsEmpty());
}

TEST(TimelineDeath, ACutThatEndsBeforeAnybodyNoticesIsNone) {
  TimelineRun run(10);
  run.connected(0.5).step("cut", 2, 4, SetFault{"n1-n2", black_hole()});
  run.step("heal", 4, 10, ClearFault{"n1-n2", black_hole()});
  EXPECT_THAT(run.build().deaths, IsEmpty());
}

TEST(TimelineDeath, ACutThatWasOverWhenItWasFoundIsStillTheCause) {
  TimelineRun run(10);
  run.connected(0.5).step("cut", 2, 4, SetFault{"n1-n2", black_hole()});
  run.step("heal", 4, 10, ClearFault{"n1-n2", black_hole()});
  run.change(5, "n1", "Healthy", "Backoff", "ping_timeout");
  EXPECT_THAT(
      run.build().headline,
      HasSubstr("died silently at +2.0 s (the path swallows every packet), found at +5.0 s"));
}

TEST(TimelineDeath, AMachineThatGoesDownFindsNothing) {
  TimelineRun run(10);
  run.connected(0.5).step("crash", 2, 4, RestartNode{"n2", RestartKind::kPowerLoss, {}});
  run.change(2.01, "n2", "Healthy", "Idle", "eof");
  run.events().event(4, "n2", "started");
  run.change(6, "n1", "Healthy", "Closed", "reset", "ECONNRESET");
  const Timeline timeline = run.build();
  ASSERT_THAT(timeline.deaths, SizeIs(1));
  EXPECT_THAT(timeline.headline,
              HasSubstr("n1→n2 died silently at +2.0 s (n2 loses power), found at "
                        "+6.0 s by n1 (reset, ECONNRESET); never healed"));
  std::vector<std::string> states;
  for (const LaneSpan& span : lane_of(timeline, "n2").spans)
    states.push_back(span.state);
  EXPECT_THAT(states, ElementsAre("Idle", "Healthy", "Down", "Idle"));
}

TEST(TimelineDeath, WithoutACauseSaysSo) {
  TimelineRun run(10);
  run.connected(0.5).change(5, "n1", "Healthy", "Closed", "reset", "ECONNRESET");
  EXPECT_THAT(run.build().headline, HasSubstr("nothing that the scenario did explains it"));
}

TEST(TimelineDeath, ASpentCauseKillsNoLaterConnection) {
  TimelineRun run(10);
  run.connected(0.5).middlebox(3, "nat_expired").change(3.01, "n1", "Healthy", "Idle", "reset");
  run.change(3.01, "n2", "Healthy", "Idle", "reset");
  run.opened(3.02, "n1", "outbound").opened(3.02, "n2", "inbound");
  EXPECT_THAT(run.build().deaths, SizeIs(1));
}

TEST(TimelineDeath, AnEndThatStoppedWithTheRunFoundNothing) {
  TimelineRun run(10);
  run.connected(0.5).change(9.9, "n1", "Healthy", "Closed", "shutdown");
  EXPECT_THAT(run.build().deaths, IsEmpty());
}

TEST(TimelineDeath, ManyBecomeAHeadlineThatCounts) {
  TimelineRun run(60);
  for (int second = 1; second < 6; ++second) {
    run.opened(second, "n1", "outbound").change(second + 0.5, "n1", "Healthy", "Idle", "reset");
  }
  const Timeline timeline = run.build();
  EXPECT_THAT(timeline.deaths, SizeIs(5));
  EXPECT_THAT(timeline.headline, HasSubstr("And 2 more deaths"));
}

}  // namespace
}  // namespace halfopen::test

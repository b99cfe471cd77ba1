// Lanes, bands, votes, plots, moments and the bounds on all of them.
#include "harness/model/timeline/timeline.hpp"

#include <gmock/gmock.h>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "tests/unit/harness_timeline_run.hpp"

namespace halfopen::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::SizeIs;

TEST(TimelineLanes, AreBothEndsAndWhatIsBetween) {
  TimelineRun run(4);
  run.nat({{"idle_timeout", "1s"}}).connected(0.5).middlebox(2, "nat_expired");
  const Timeline timeline = run.build();
  ASSERT_THAT(timeline.lanes, SizeIs(3));
  EXPECT_EQ(timeline.lanes[0].node, "n1");
  EXPECT_EQ(timeline.lanes[1].title, "NAT between");
  EXPECT_EQ(timeline.lanes[2].node, "n2");
  std::vector<std::string> states;
  for (const LaneSpan& span : timeline.lanes[1].spans)
    states.push_back(span.state);
  EXPECT_THAT(states, ElementsAre("no connection", "mapped", "forgotten"));
  EXPECT_EQ(timeline.lanes[1].spans.back().begin_ms, 2000);
  EXPECT_EQ(timeline.lanes[1].spans.back().end_ms, 4000);
}

TEST(TimelineLanes, HaveNoneForAForeignProgram) {
  TimelineRun run(2);
  run.scenario().nodes[1].argv = {"redis-server"};
  EXPECT_THAT(run.build().lanes, SizeIs(2));
}

TEST(TimelineLanes, AreBoundedAndSayWhatIsMissing) {
  TimelineRun run(100);
  for (std::size_t time = 0; time < kLaneMarksMax + 20; ++time) {
    run.events().event(1 + static_cast<double>(time) / 100, "n1", "send",
                       {{"peer", "n2"}, {"result", "EPIPE"}});
  }
  const Timeline timeline = run.build();
  EXPECT_THAT(lane_of(timeline, "n1").marks, SizeIs(kLaneMarksMax));
  EXPECT_THAT(timeline.left_out, ::testing::Contains("20 states or marks of n1 to n2"));
}

TEST(TimelineBands, LastFromTheirStepToTheOneThatEndsThem) {
  TimelineRun run(10);
  const FaultSpec cut{"cut", "blackhole", {}, {}};
  run.step("a", 2, 4, SetFault{"n1-n2", cut}).step("b", 4, 6, ClearFault{"n1-n2", cut});
  run.step("c", 6, 10, SetFault{"n1-n2", {"slow", "latency", {{"latency", "10ms"}}, {}}});
  const Timeline timeline = run.build();
  ASSERT_THAT(timeline.bands, SizeIs(2));
  EXPECT_EQ(timeline.bands[0].begin_ms, 2000);
  EXPECT_EQ(timeline.bands[0].end_ms, 4000);
  EXPECT_EQ(timeline.bands[1].text, "latency (latency 10ms)");
  EXPECT_EQ(timeline.bands[1].end_ms, 10000);
}

TEST(TimelineBands, EndWithTheHealingThatTheScenarioEndsWith) {
  TimelineRun run(10);
  const FaultSpec cut{"cut", "blackhole", {}, {}};
  const StopNode stop{"n2", RestartKind::kCrash};
  Heal heal{
      {{"n1-n2", cut}}, {stop}, Expression::parse("up == 1").value(), std::chrono::seconds(5)};
  run.step("a", 2, 3, SetFault{"n1-n2", cut}).step("b", 3, 6, stop);
  run.step("liveness", 6, 10, std::move(heal)).events().event(6.5, "n2", "started");
  const Timeline timeline = run.build();
  ASSERT_THAT(timeline.bands, SizeIs(2));
  EXPECT_EQ(timeline.bands[0].end_ms, 6000);
  EXPECT_EQ(timeline.bands[1].end_ms, 6500);
  EXPECT_EQ(timeline.bands[1].text, "and starts again");
  EXPECT_EQ(timeline.steps.back().text,
            "fault ends on n1-n2: cut, start n2, then wait until all is well: up == 1, within 5s");
}

TEST(TimelineBands, OfANodeThatIsNotStartedAgainLastToTheEnd) {
  TimelineRun run(10);
  run.events().event(0, "n2", "started");
  run.step("a", 2, 3, StopNode{"n2", RestartKind::kCrash});
  const Timeline timeline = run.build();
  ASSERT_THAT(timeline.bands, SizeIs(1));
  EXPECT_EQ(timeline.bands[0].end_ms, 10000);
  EXPECT_EQ(timeline.bands[0].text, "and stays down");
}

TEST(TimelineBands, ANatFromTheStartIsTheLinksNatureAndNoBand) {
  TimelineRun run(10);
  run.nat({{"idle_timeout", "3s"}, {"on_next_packet", "drop"}});
  const Timeline timeline = run.build();
  EXPECT_THAT(timeline.bands, IsEmpty());
  EXPECT_EQ(timeline.links[0].summary,
            "NAT, forgets a connection idle for 3s, then drops its packets in silence");
}

TEST(TimelineVotes, OnlyTheReceiversWordMakesOneArrive) {
  TimelineRun run(10);
  run.events().cast(1, "n1", "aaaaaaaaaa").cast(2, "n1", "bbbbbbbbbb").cast(3, "n1", "cccccccccc");
  run.events().stored(1.1, "n2", "n1", "aaaaaaaaaa").stored(2.1, "n2", "n1", "bbbbbbbbbb");
  run.events().event(1.2, "n1", "vote_acked", {{"peer", "n2"}, {"vote", "aaaaaaaaaa"}});
  run.events().event(3.2, "n1", "vote_acked", {{"peer", "n2"}, {"vote", "cccccccccc"}});
  const Timeline timeline = run.build();
  ASSERT_THAT(timeline.votes, SizeIs(3));
  EXPECT_EQ(timeline.votes[0].fate, "acked");
  EXPECT_EQ(timeline.votes[0].vote, "aaaaaaaa");
  EXPECT_EQ(timeline.votes[1].fate, "stored");
  EXPECT_EQ(timeline.votes[2].fate, "lost");
  EXPECT_EQ(timeline.votes_said, "1 of 3 votes from n1 to n2 lost.");
}

TEST(TimelinePlots, KeepTheCornersOfAStepLine) {
  TimelineRun run(10);
  run.events().samples("votenode_peer_up", {{"node", "n1"}}, 0, 4, 1);
  run.events().samples("votenode_peer_up", {{"node", "n1"}}, 4, 11, 0);
  const Timeline timeline = run.build();
  ASSERT_THAT(timeline.plots, SizeIs(1));
  ASSERT_THAT(timeline.plots[0].series, SizeIs(1));
  EXPECT_THAT(timeline.plots[0].series[0].times_ms, ElementsAre(0, 3900, 4000, 10000));
  EXPECT_EQ(timeline.plots[0].series[0].label, "node n1");
}

TEST(TimelinePlots, ShowWhatTheExpectationsName) {
  TimelineRun run(10);
  run.events().samples("votenode_votes_acked_total", {}, 0, 11, 0);
  run.events().samples("votenode_votes_cast_total", {}, 0, 11, 0);
  Expectation expectation;
  expectation.id = "delivered";
  expectation.text = "eventually sum(votenode_votes_acked_total) == 2";
  run.scenario().expectations.push_back(expectation);
  const Timeline timeline = run.build();
  ASSERT_THAT(timeline.plots, SizeIs(1));
  EXPECT_EQ(timeline.plots[0].metric, "votenode_votes_acked_total");
  EXPECT_THAT(timeline.plots[0].because, ElementsAre("delivered"));
}

TEST(TimelinePlots, AreBoundedAndEndAtTheLastSample) {
  TimelineRun run(1000);
  SeriesStore& samples = run.events().record().samples;
  for (int index = 0; index < 10000; ++index)
    ASSERT_TRUE(samples.append("votenode_peer_up", {}, {at(index / 10.0), index % 2 * 1.0}));
  samples.mark_stale({}, at(999.95));
  const PlotSeries series = run.build().plots.at(0).series.at(0);
  EXPECT_THAT(series.times_ms.size(), Le(kPlotPointsMax + 1));
  EXPECT_EQ(series.times_ms.back(), 999950);
  EXPECT_EQ(series.values.back(), std::nullopt);
}

TEST(TimelineLog, KeepsWhatIsNearToAMoment) {
  TimelineRun run(100);
  for (int index = 0; index < 900; ++index)
    run.events().event(1 + index / 10.0, "n1", "vote_cast", {{"vote", "v"}});
  ExpectationResult result;
  result.moment = at(50);
  const Timeline timeline = run.build({result});
  ASSERT_FALSE(timeline.log.empty());
  EXPECT_THAT(timeline.log.size(), Le(40U));
  EXPECT_NEAR(timeline.log.front().at_ms, 48500, 200);
  EXPECT_THAT(timeline.left_out, ::testing::Contains(HasSubstr("of 900 log lines")));
}

TEST(TimelineMoments, OutsideTheRunAreNone) {
  TimelineRun run(10);
  ExpectationResult inside;
  inside.moment = at(2.5);
  ExpectationResult outside;
  outside.moment = at(11);
  const Timeline timeline = run.build({inside, outside});
  EXPECT_EQ(timeline.expectations[0].moment_ms, 2500);
  EXPECT_EQ(timeline.expectations[1].moment_ms, std::nullopt);
}

TEST(TimelinePrediction, StandsBesideWhatWasSeen) {
  TimelineRun run(10);
  run.connected(0.5);
  Prediction prediction;
  EndPrediction end;
  end.link = "n1-n2";
  end.node = "n1";
  end.peer = "n2";
  end.fate = EndPrediction::Fate::kSurvives;
  prediction.ends = {end};
  const auto ends = run.build({}, &prediction).predictions;
  ASSERT_TRUE(ends);
  ASSERT_THAT(ends->at(0).rows, ::testing::Not(IsEmpty()));
  EXPECT_TRUE(ends->at(0).rows[0].agrees);
  EXPECT_EQ(run.build().predictions, std::nullopt);
}

TEST(TimelineJson, HasNullForWhatIsNotKnown) {
  TimelineRun run(10);
  run.connected(0.5).middlebox(3, "nat_expired");
  const boost::json::object json = to_json(run.build());
  const auto& death = json.at("deaths").as_array().at(0).as_object();
  EXPECT_EQ(death.at("died"), 3000.0);
  EXPECT_TRUE(death.at("healed").is_null());
  EXPECT_TRUE(death.at("findings").as_array().at(0).as_object().at("at").is_null());
  EXPECT_TRUE(json.at("prediction").is_null());
}

}  // namespace
}  // namespace halfopen::test

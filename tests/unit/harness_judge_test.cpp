#include "harness/model/judge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/harness_judge_scenario.hpp"

namespace halfopen {
namespace {

using test::at;
using test::expression;
using test::from_seconds;
using test::judged;
using test::kN2;
using test::kN3;
using test::RecordBuilder;
using test::scenario_of;
using test::since;
using testing::EndsWith;
using testing::HasSubstr;
using testing::SizeIs;

// --- always ---

TEST(JudgeAlways, PassesWhereEveryScrapeHolds) {
  RecordBuilder run(5);
  run.samples("up", kN2, 0, 6, 1);
  const auto result = judged(Always{expression("up == 1")}, run);
  EXPECT_EQ(result.verdict, Verdict::kPass) << result.seen;
  EXPECT_EQ(result.id, "it");
  EXPECT_EQ(result.expected, "its text");
  EXPECT_EQ(result.moment, at(5));
}

TEST(JudgeAlways, OneSeriesThatFailsOnceFails) {
  RecordBuilder run(5);
  run.samples("up", kN2, 0, 6, 1);
  run.samples("up", kN3, 0, 3, 1).samples("up", kN3, 3, 3.05, 0).samples("up", kN3, 3.1, 6, 1);
  const auto result = judged(Always{expression("up == 1")}, run);
  EXPECT_EQ(result.verdict, Verdict::kFail);
  EXPECT_EQ(result.moment, at(3));
  EXPECT_EQ(result.seen, "+3.000s up{node=\"n1\",peer=\"n3\"} 0");
}

TEST(JudgeAlways, TheFirstStepDoesNotCount) {
  RecordBuilder run(5);
  run.samples("up", kN2, 0, 1, 0).samples("up", kN2, 1, 6, 1);
  EXPECT_EQ(judged(Always{expression("up == 1")}, run).verdict, Verdict::kPass);
}

TEST(JudgeAlways, ADeadNodeIsNotUp) {
  RecordBuilder run(5);
  run.samples("up", kN2, 0, 3, 1);
  const auto result = judged(Always{expression("up == 1")}, run);
  EXPECT_EQ(result.verdict, Verdict::kFail);
  EXPECT_THAT(result.seen, HasSubstr("no sample in the last 300ms"));
}

TEST(JudgeAlways, TooFewScrapesAreInconclusive) {
  RecordBuilder run(5);
  run.samples("up", kN2, 0, 6, 1);
  auto& times = run.record().scrape_times;
  std::erase_if(times, [](Instant time) { return time.nanoseconds() / 100'000'000 % 5 == 2; });
  const auto result = judged(Always{expression("up == 1")}, run);
  EXPECT_EQ(result.verdict, Verdict::kInconclusive);
  EXPECT_THAT(result.seen, HasSubstr("90 % are needed"));
}

TEST(JudgeAlways, ALongGapIsInconclusiveAlsoWhereMostScrapesAreThere) {
  RecordBuilder run(20);
  run.samples("up", kN2, 0, 21, 1);
  std::erase_if(run.record().scrape_times,
                [](Instant time) { return time > at(7) && time < at(7.4); });
  const auto result = judged(Always{expression("up == 1")}, run);
  EXPECT_EQ(result.verdict, Verdict::kInconclusive);
  EXPECT_THAT(result.seen, HasSubstr("nothing was scraped for 400 ms"));
}

TEST(JudgeAlways, AViolationIsAFailEvenWhereScrapesAreMissing) {
  RecordBuilder run(5);
  run.samples("up", kN2, 0, 6, 0);
  std::erase_if(run.record().scrape_times, [](Instant time) { return time > at(2); });
  EXPECT_EQ(judged(Always{expression("up == 1")}, run).verdict, Verdict::kFail);
}

TEST(JudgeAlways, AMetricThatNobodyExposedIsInconclusive) {
  RecordBuilder run(5);
  const auto result = judged(Always{expression("up == 1")}, run);
  EXPECT_EQ(result.verdict, Verdict::kInconclusive);
  EXPECT_THAT(result.seen, HasSubstr("no process has exposed the metric up"));
}

TEST(JudgeAlways, AStepThatWasNeverReachedIsInconclusive) {
  RecordBuilder run(5);
  run.samples("up", kN2, 0, 6, 1);
  const auto result = judged(Always{expression("up == 1")}, run, {"vote", "", {}});
  EXPECT_EQ(result.verdict, Verdict::kInconclusive);
  EXPECT_EQ(result.seen, "the run never reached the step vote");
}

// --- never, eventually, sometimes ---

TEST(JudgeNever, OneSeriesIsEnoughToFail) {
  RecordBuilder run(5);
  run.samples("down", kN2, 0, 6, 0);
  run.samples("down", kN3, 0, 4, 0).samples("down", kN3, 4, 6, 1);
  const auto result = judged(Never{expression("down == 1")}, run);
  EXPECT_EQ(result.verdict, Verdict::kFail);
  EXPECT_EQ(result.seen, "+4.000s down{node=\"n1\",peer=\"n3\"} 1");
  EXPECT_EQ(judged(Never{expression("down == 2")}, run).verdict, Verdict::kPass);
}

// --- series that are gone ---

const SeriesLabels kOfSecond{{"node", "n2"}};

// n2 answers until 3 s, n1 throughout.
RecordBuilder with_a_dead_node() {
  RecordBuilder run(6);
  run.samples("up", kN2, 0, 7, 1).samples("up", kOfSecond, 0, 3, 1);
  run.record().samples.mark_stale(kOfSecond, at(3));
  return run;
}

TEST(JudgeMissing, TheSurvivorsDoNotSpeakForTheDead) {
  RecordBuilder run = with_a_dead_node();
  for (const char* text : {"up == 1", "min(up) == 1", "sum(up) > 0", "up * 2 == 2"}) {
    const auto result = judged(Always{expression(text)}, run);
    EXPECT_EQ(result.verdict, Verdict::kFail) << text;
    EXPECT_EQ(result.moment, at(3)) << text;
    EXPECT_EQ(result.seen, "+3.000s up{node=\"n2\"} is gone; it was last there at +2.900s");
  }
  const auto never = judged(Never{expression("up == 0")}, run);
  EXPECT_EQ(never.verdict, Verdict::kInconclusive);
  EXPECT_THAT(never.seen, HasSubstr("is gone"));
  EXPECT_EQ(judged(Never{expression("up == 1")}, run).verdict, Verdict::kFail);
}

TEST(JudgeMissing, OnlyWhatTheConditionLooksAtIsMissed) {
  RecordBuilder run = with_a_dead_node();
  EXPECT_EQ(judged(Always{expression("up{node=\"n1\"} == 1")}, run).verdict, Verdict::kPass);
  EXPECT_EQ(judged(Always{expression("max_over_time(up[10s]) == 1")}, run).verdict, Verdict::kPass);
  EXPECT_EQ(judged(Always{expression("max_over_time(up[1s]) == 1")}, run).moment, at(4));
  EXPECT_EQ(judged(Always{expression("up == 1 or absent(up{node=\"n2\"})")}, run).verdict,
            Verdict::kPass);
  EXPECT_EQ(judged(Always{expression("up == 1 or absent(up)")}, run).moment, at(3))
      << "that not all are gone says nothing of n2";
  EXPECT_EQ(judged(Always{expression("up == 1")}, run, {"up", ""}).verdict, Verdict::kPass);
}

TEST(JudgeMissing, WhomTheScenarioTookAwayIsNotMissed) {
  RecordBuilder run = with_a_dead_node();
  run.record().steps.push_back({"away", {at(2.5), at(4)}});
  const auto judged_with = [&run](StepAction action) {
    Scenario scenario = scenario_of(Always{expression("up == 1")});
    scenario.steps.push_back({"away", {}, std::move(action)});
    return judge(scenario, run.record()).at(0);
  };
  EXPECT_EQ(judged_with(StopNode{"n2"}).verdict, Verdict::kPass);
  EXPECT_EQ(judged_with(StopNode{"n1"}).verdict, Verdict::kFail);
  EXPECT_EQ(judged_with(RestartNode{"n2"}).verdict, Verdict::kPass);
  run.samples("up", kOfSecond, 4, 5, 1);
  EXPECT_EQ(judged_with(RestartNode{"n2"}).moment, at(5.3)) << "it came back and went again";
}

TEST(JudgeEventually, TheFirstScrapeThatHoldsDecides) {
  RecordBuilder run(5);
  run.samples("acked", kN2, 0, 2, 0).samples("acked", kN2, 2, 6, 2);
  const auto result =
      judged(Eventually{expression("acked == 2")}, run, since("rest", from_seconds(2)));
  EXPECT_EQ(result.verdict, Verdict::kPass) << result.seen;
  EXPECT_EQ(result.moment, at(2));
}

TEST(JudgeEventually, TooLateIsAFailThatSaysTheLastValues) {
  RecordBuilder run(5);
  run.samples("acked", kN2, 0, 4, 1).samples("acked", kN2, 4, 6, 2);
  const auto result =
      judged(Eventually{expression("acked == 2")}, run, since("rest", from_seconds(2)));
  EXPECT_EQ(result.verdict, Verdict::kFail);
  EXPECT_THAT(result.seen, HasSubstr("+3.000s acked{node=\"n1\",peer=\"n2\"} 1"));
}

TEST(JudgeEventually, ARunThatEndsBeforeTheWindowIsInconclusive) {
  RecordBuilder run(5);
  run.samples("acked", kN2, 0, 6, 1);
  const auto result =
      judged(Eventually{expression("acked == 2")}, run, since("rest", from_seconds(10)));
  EXPECT_EQ(result.verdict, Verdict::kInconclusive);
  EXPECT_THAT(result.seen, HasSubstr("the run ended 6.0 s before the window did"));
}

TEST(JudgeSometimes, NeedsOneScrapeAndAFailNeedsThemAll) {
  RecordBuilder run(5);
  run.samples("seen", kN2, 0, 3, 0)
      .samples("seen", kN2, 3, 3.05, 1)
      .samples("seen", kN2, 3.1, 6, 0);
  EXPECT_EQ(judged(Sometimes{expression("seen > 0")}, run).verdict, Verdict::kPass);
  EXPECT_EQ(judged(Sometimes{expression("seen > 1")}, run).verdict, Verdict::kFail);
  std::erase_if(run.record().scrape_times, [](Instant time) { return time > at(2); });
  EXPECT_EQ(judged(Sometimes{expression("seen > 1")}, run).verdict, Verdict::kInconclusive);
}

// --- sends ---

Verdict sends_verdict(const std::vector<std::string>& expected,
                      const std::vector<std::string>& seen) {
  RecordBuilder run(5);
  double time = 2;
  for (const std::string& result : seen)
    run.send(time += 0.1, result);
  return judged(SendSequence{"n1", "n2", {expected}}, run).verdict;
}

TEST(JudgeSends, SuccessiveOksAreOneAndErrorsAreEachTheirOwn) {
  EXPECT_EQ(sends_verdict({"OK", "EPIPE"}, {"OK", "EPIPE"}), Verdict::kPass);
  EXPECT_EQ(sends_verdict({"OK"}, {"OK", "OK", "OK"}), Verdict::kPass);
  EXPECT_EQ(sends_verdict({"OK", "EPIPE"}, {"OK", "OK", "EPIPE"}), Verdict::kPass);
  EXPECT_EQ(sends_verdict({"OK", "EPIPE"}, {"OK", "EPIPE", "EPIPE"}), Verdict::kFail);
  EXPECT_EQ(sends_verdict({"OK", "EPIPE"}, {"OK"}), Verdict::kFail);
  EXPECT_EQ(sends_verdict({"OK", "ECONNRESET", "EPIPE"}, {"OK", "EPIPE", "EPIPE"}), Verdict::kFail);
  EXPECT_EQ(sends_verdict({"OK"}, {"OK", "EPIPE"}), Verdict::kFail);
  EXPECT_EQ(sends_verdict({}, {}), Verdict::kPass);
  EXPECT_EQ(sends_verdict({}, {"OK"}), Verdict::kFail);
}

TEST(JudgeSends, AForgottenLastWordIsHintedAt) {
  const auto seen = [](const std::vector<std::string>& expected) {
    RecordBuilder run(5);
    run.send(2, "OK");
    run.send(2.1, "EPIPE");
    run.event(2.2, "n1", "connection_closed", {{"peer", "n2"}, {"second_errno", "EPIPE"}});
    return judged(SendSequence{"n1", "n2", {expected}}, run).seen;
  };
  EXPECT_THAT(seen({"OK", "EPIPE"}), EndsWith("write [OK, EPIPE, EPIPE]"));
  EXPECT_EQ(seen({"OK"}), "[OK, EPIPE, EPIPE]");
  EXPECT_EQ(seen({"OK", "EPIPE", "EPIPE"}), "[OK, EPIPE, EPIPE]");
}

TEST(JudgeSends, ASilenceIsAFailOnlyWhereAVoteWasCast) {
  const SendSequence told{"n1", "n2", {{"OK", "EPIPE"}}};
  RecordBuilder run(5);
  run.cast(0.5, "n1", "early").cast(2, "n2", "not-ours").send(0.6, "OK");
  const auto silent = judged(told, run);
  EXPECT_EQ(silent.verdict, Verdict::kInconclusive);
  EXPECT_EQ(silent.seen, "n1 sent no vote to n2, and none was cast in the window");
  EXPECT_EQ(judged(SendSequence{"n1", "n2", {{"OK"}, {}}}, run).verdict, Verdict::kPass);
  run.cast(3, "n1", "ours");
  EXPECT_EQ(judged(told, run).verdict, Verdict::kFail) << "cast, and never sent";
}

TEST(JudgeSends, AFailedSendIsFollowedByWhatOneMoreSendSaid) {
  RecordBuilder failed(5);
  failed.send(2, "OK").send(2.1, "ECONNRESET");
  failed.event(2.2, "n1", "connection_closed",
               {{"peer", "n2"}, {"errno", "ECONNRESET"}, {"second_errno", "EPIPE"}});
  EXPECT_EQ(judged(SendSequence{"n1", "n2", {{"OK", "ECONNRESET", "EPIPE"}}}, failed).verdict,
            Verdict::kPass);
  // A reset that a read found is no send's result.
  RecordBuilder read(5);
  read.send(2, "OK");
  read.event(2.2, "n1", "connection_closed",
             {{"peer", "n2"}, {"errno", "ECONNRESET"}, {"second_errno", "EPIPE"}});
  EXPECT_EQ(judged(SendSequence{"n1", "n2", {{"OK"}}}, read).verdict, Verdict::kPass);
}

TEST(JudgeSends, OnlyTheWindowAndThePairCount) {
  RecordBuilder run(5);
  run.send(0.5, "EPIPE").send(2, "OK");
  run.event(2.1, "n1", "send", {{"peer", "n3"}, {"result", "ECONNRESET"}});
  run.event(2.2, "n2", "send", {{"peer", "n1"}, {"result", "ECONNRESET"}});
  const auto result = judged(SendSequence{"n1", "n2", {{"EPIPE"}, {"OK"}}}, run, since("rest"));
  EXPECT_EQ(result.verdict, Verdict::kPass) << result.seen;
  EXPECT_EQ(result.seen, "[OK]");
}

TEST(JudgeSends, EvidenceIsAroundTheFirstError) {
  RecordBuilder run(9);
  for (int i = 0; i < 20; ++i)
    run.cast(1 + i / 10.0, "n1", "early");
  run.send(6, "OK", 5).send(6.3, "EPIPE", 0.3);
  const auto result = judged(SendSequence{"n1", "n2", {{"OK"}}}, run);
  EXPECT_EQ(result.verdict, Verdict::kFail);
  EXPECT_THAT(result.evidence, SizeIs(5));
  EXPECT_THAT(result.evidence, testing::Contains("+6.000s n1 send to n2: OK (idle 5.0 s)"));
  EXPECT_EQ(result.evidence.back(), "+6.300s n1 send to n2: EPIPE (idle 300 ms)");
}

// --- votes ---

TEST(JudgeInvariants, ALostVoteIsFoundAtEachLinkedPeer) {
  RecordBuilder run(5);
  run.cast(2, "n1", "aaaaaaaaaaaa").stored(2.1, "n2", "n1", "aaaaaaaaaaaa");
  const Invariants all{{Invariant::kNoLostVotes}};
  EXPECT_EQ(judged(all, run).verdict, Verdict::kPass);
  run.cast(3, "n2", "bbbbbbbbbbbb");
  const auto result = judged(all, run);
  EXPECT_EQ(result.verdict, Verdict::kFail);
  EXPECT_EQ(result.seen, "vote bbbbbbbb cast by n2 at +3.000s never reached the store of n1");
  EXPECT_EQ(judged(all, run, {"up", "", {}}).verdict, Verdict::kInconclusive) << "no vote there";
}

TEST(JudgeInvariants, TwiceNewIsADuplicateAndADuplicateIsNot) {
  RecordBuilder run(5);
  run.cast(2, "n1", "a").stored(2.1, "n2", "n1", "a").stored(2.2, "n2", "n1", "a", "duplicate");
  run.stored(2.3, "n1", "n2", "a");
  const Invariants all{{Invariant::kNoDuplicates}};
  EXPECT_EQ(judged(all, run).verdict, Verdict::kPass);
  run.stored(2.4, "n2", "n1", "a");
  EXPECT_EQ(judged(all, run).verdict, Verdict::kFail);
}

TEST(JudgeInvariants, TwoVotesForOneSlotAreEquivocation) {
  RecordBuilder run(5);
  const auto vote = [](const char* id, int round) {
    return boost::json::object{
        {"vote", id}, {"voter", "v"}, {"height", 1}, {"round", round}, {"kind", "prevote"}};
  };
  run.event(2, "n1", "vote_cast", vote("a", 0)).event(2.1, "n2", "vote_stored", vote("a", 0));
  run.event(2.2, "n1", "vote_cast", vote("b", 1));
  const Invariants all{{Invariant::kNoEquivocation}};
  EXPECT_EQ(judged(all, run).verdict, Verdict::kPass);
  run.event(2.3, "n2", "vote_stored", vote("c", 0));
  const auto result = judged(all, run);
  EXPECT_EQ(result.verdict, Verdict::kFail);
  EXPECT_THAT(result.seen, HasSubstr("voter v cast two votes for height 1, round 0, prevote"));
}

TEST(JudgeInvariants, ARunWithoutVotesProvesNothing) {
  RecordBuilder run(5);
  for (const Invariant invariant :
       {Invariant::kNoLostVotes, Invariant::kNoDuplicates, Invariant::kNoEquivocation}) {
    EXPECT_EQ(judged(Invariants{{invariant}}, run).verdict, Verdict::kInconclusive);
  }
}

TEST(JudgeInvariants, AVoteThatNobodyWasToGetProvesNothing) {
  RecordBuilder run(5);
  run.cast(2, "n1", "alone");
  Scenario scenario = scenario_of(Invariants{{Invariant::kNoLostVotes}});
  scenario.links.clear();
  EXPECT_EQ(judge(scenario, run.record()).at(0).verdict, Verdict::kInconclusive);
}

TEST(JudgeLostVotes, CountsByTheReceiversStore) {
  RecordBuilder run(5);
  run.cast(0.5, "n1", "early").cast(2, "n1", "a").cast(2.1, "n1", "b");
  run.event(2.2, "n1", "vote_acked", {{"peer", "n2"}, {"vote", "a"}});
  run.stored(4, "n2", "n1", "b");
  using Comparison = LostVotes::Comparison;
  const auto verdict = [&](Comparison comparison, unsigned count) {
    return judged(LostVotes{"n1", "n2", comparison, count}, run, since("rest")).verdict;
  };
  EXPECT_EQ(verdict(Comparison::kEqual, 1), Verdict::kPass);
  EXPECT_EQ(verdict(Comparison::kEqual, 0), Verdict::kFail);
  EXPECT_EQ(verdict(Comparison::kAtLeast, 1), Verdict::kPass);
  EXPECT_EQ(verdict(Comparison::kAtLeast, 2), Verdict::kFail);
  EXPECT_EQ(verdict(Comparison::kAtMost, 1), Verdict::kPass);
  EXPECT_EQ(verdict(Comparison::kAtMost, 0), Verdict::kFail);
  EXPECT_EQ(judged(LostVotes{"n2", "n1", Comparison::kEqual, 0}, run).verdict,
            Verdict::kInconclusive);
}

TEST(JudgeDetectedBy, TheFirstTransitionOutOfALiveStateCounts) {
  RecordBuilder run(9);
  run.cast(1.5, "n1", "a");
  run.transition(2, "Healthy", "Suspect", "ping_timeout");
  run.transition(2.1, "Suspect", "Healthy", "answered");
  const auto verdict = [&](const std::vector<std::string>& reasons) {
    return judged(DetectedBy{"n1", "n2", reasons}, run).verdict;
  };
  EXPECT_EQ(verdict({"none"}), Verdict::kPass);
  run.transition(3, "Suspect", "Backoff", "ack_timeout");
  run.transition(4, "Healthy", "Closed", "eof");
  EXPECT_EQ(verdict({"none"}), Verdict::kFail);
  EXPECT_EQ(verdict({"eof"}), Verdict::kFail);
  EXPECT_EQ(verdict({"eof", "ack_timeout"}), Verdict::kPass);
}

TEST(JudgeDetectedBy, ANodeThatStopsDetectsNothing) {
  RecordBuilder run(9);
  run.send(2, "OK").transition(3, "Healthy", "Closed", "shutdown");
  EXPECT_EQ(judged(DetectedBy{"n1", "n2", {"none"}}, run).verdict, Verdict::kPass);
}

TEST(JudgeDetectedBy, WhereNothingWasTriedNothingNoticedIsInconclusive) {
  RecordBuilder run(9);
  run.cast(0.5, "n1", "early").cast(2, "n2", "not-ours");
  const auto result = judged(DetectedBy{"n1", "n2", {"eof"}}, run);
  EXPECT_EQ(result.verdict, Verdict::kInconclusive);
  EXPECT_THAT(result.seen, HasSubstr("cast and sent no vote in the window"));
  EXPECT_EQ(judged(DetectedBy{"n1", "n2", {"none"}}, run).verdict, Verdict::kInconclusive);
  run.cast(3, "n1", "ours");
  EXPECT_EQ(judged(DetectedBy{"n1", "n2", {"eof"}}, run).verdict, Verdict::kFail);
  EXPECT_EQ(judged(DetectedBy{"n1", "n2", {"none"}}, run).verdict, Verdict::kPass);
  RecordBuilder idle(9);
  idle.transition(3, "Healthy", "Backoff", "ping_timeout");
  EXPECT_EQ(judged(DetectedBy{"n1", "n2", {"ping_timeout"}}, idle).verdict, Verdict::kPass)
      << "a death that was noticed in idle is a fact";
}

}  // namespace
}  // namespace halfopen

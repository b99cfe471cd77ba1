// Whole scenarios in, fates out.
#include "harness/model/prediction/prediction.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/model/prediction/prediction_text.hpp"
#include "tests/unit/harness_model_fixture.hpp"

namespace halfopen {
namespace {

using std::chrono::seconds;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using Fate = EndPrediction::Fate;

// n1 dials n2 over a link with these faults; both are naive but for what is given.
Scenario scenario_of(const std::string& n1, const std::string& faults, const std::string& steps,
                     const std::string& n2 = "") {
  const std::string text =
      "name: a\nclaim: b\nnodes:\n  n1: {preset: naive" + (n1.empty() ? n1 : ", " + n1) +
      "}\n  n2: {preset: naive" + (n2.empty() ? n2 : ", " + n2) +
      "}\nlinks:\n  - {between: [n1, n2], faults: [" + faults +
      "]}\nsteps:\n  - {id: up, wait_until: 'votenode_peer_up == 1', within: 10s}\n" + steps +
      "expect:\n  - {id: x, race: true, always: 'votenode_peer_up == 1'}\n"
      "controls:\n  - {id: c, set: {/nodes/n1/preset: naive}, must_fail: [x]}\n";
  auto plan = test::plan_text(text);
  EXPECT_TRUE(plan.has_value()) << (plan.has_error() ? plan.error().text : "");
  return plan.has_value() ? plan->runs.front().scenario : Scenario{};
}

EndPrediction end_of(const Scenario& scenario, const std::string& node) {
  for (const EndPrediction& end : predict(scenario).ends) {
    if (end.node == node) return end;
  }
  ADD_FAILURE() << "no prediction for " << node;
  return {};
}

constexpr const char* kDrop = "{nat: {idle_timeout: 3s, on_next_packet: drop}}";
constexpr const char* kReset = "{nat: {idle_timeout: 3s, on_next_packet: rst}}";
constexpr const char* kClose = "{nat: {idle_timeout: 3s, refresh_by: bytes, on_expiry: fin_both}}";
constexpr const char* kIdleThenVote =
    "  - {id: quiet, idle_for: 6s}\n  - {id: vote, cast: {node: n1, count: 2, every: 300ms}}\n"
    "  - {id: end, idle_for: 5s}\n";

TEST(Predict, KeepAliveBelowTheMappingKeepsIt) {
  const Scenario scenario = scenario_of(
      "keepalive: {enabled: true, idle: 1s, interval: 1s, count: 3}", kDrop, kIdleThenVote);
  const EndPrediction end = end_of(scenario, "n1");
  EXPECT_EQ(end.fate, Fate::kSurvives);
  EXPECT_THAT(end.why, HasSubstr("longest time without a packet is 1s"));
  EXPECT_EQ(end_of(scenario, "n2").fate, Fate::kSurvives);
}

TEST(Predict, KeepAliveAboveTheMappingIsUseless) {
  const EndPrediction end =
      end_of(scenario_of("keepalive: {enabled: true, idle: 8s, interval: 1s, count: 3}", kDrop,
                         kIdleThenVote),
             "n1");
  EXPECT_EQ(end.fate, Fate::kDies);
  ASSERT_TRUE(end.death);
  EXPECT_THAT(end.death->reasons, IsEmpty()) << "naive and silent: nothing finds it";
  EXPECT_THAT(end.warnings,
              Contains(HasSubstr("keep-alive idle 8s is above the mapping's idle_timeout 3s")));
}

TEST(Predict, KeepAliveEqualToTheMappingIsARace) {
  const EndPrediction end =
      end_of(scenario_of("keepalive: {enabled: true, idle: 3s, interval: 1s, count: 3}", kDrop,
                         kIdleThenVote),
             "n1");
  EXPECT_EQ(end.fate, Fate::kRaces);
  EXPECT_THAT(end.warnings, Contains(HasSubstr("race")));
}

TEST(Predict, KeepAliveIsUselessWhereBytesCount) {
  const Scenario scenario = scenario_of(
      "keepalive: {enabled: true, idle: 1s, interval: 1s, count: 3}", kClose, kIdleThenVote);
  const EndPrediction end = end_of(scenario, "n1");
  EXPECT_EQ(end.fate, Fate::kDies);
  ASSERT_TRUE(end.death);
  EXPECT_THAT(end.death->reasons, ElementsAre("broken_pipe"));
  EXPECT_FALSE(end.death->before_vote);
  EXPECT_THAT(end.warnings, Contains(HasSubstr("keep-alive is useless here")));
  // Whoever was dialled reads at all times.
  EXPECT_THAT(end_of(scenario, "n2").death->reasons, ElementsAre("eof"));
}

TEST(Predict, AStorySaysWhichEndItIsOf) {
  const Scenario scenario = scenario_of("", kClose, kIdleThenVote);
  const EndPrediction dialer = end_of(scenario, "n1");
  EXPECT_THAT(dialer.story, Contains(HasSubstr("this end gets a FIN, and nothing reads it")));
  EXPECT_THAT(dialer.story, Contains(HasSubstr("the other end finds it: eof")));
  EXPECT_THAT(dialer.story, Contains(HasSubstr("this end finds it: broken_pipe")));
  EXPECT_THAT(dialer.why, HasSubstr("after the last byte, ACK or FIN"));
  const EndPrediction listener = end_of(scenario, "n2");
  EXPECT_THAT(listener.story, Contains(HasSubstr("the other end gets a FIN")));
  EXPECT_THAT(listener.story, Contains(HasSubstr("this end finds it: eof")));
  EXPECT_THAT(listener.why, HasSubstr("0s to 600ms after the FIN"));
}

TEST(Predict, WhatTheOtherEndFindsIsNotThisEnds) {
  const Scenario scenario =
      scenario_of("", "{nat: {name: fw, idle_timeout: 3s, on_next_packet: drop}}",
                  "  - {id: quiet, idle_for: 9s}\n",
                  "keepalive: {enabled: true, idle: 4s, interval: 1s, count: 3}");
  const EndPrediction end = end_of(scenario, "n1");
  EXPECT_THAT(end.why, HasSubstr("the mapping of fw is forgotten"));
  EXPECT_THAT(end.why, HasSubstr("nothing at this end finds it before the scenario ends"));
  EXPECT_THAT(end.story, Contains(HasSubstr("the other end finds it: keepalive_timeout")));
  EXPECT_THAT(end_of(scenario, "n2").why, HasSubstr("keepalive_timeout in step quiet"));
}

TEST(Predict, APingKeepsWhatCountsBytes) {
  EXPECT_EQ(
      end_of(scenario_of("ping: {enabled: true, interval: 1s, timeout: 1s}", kClose, kIdleThenVote),
             "n1")
          .fate,
      Fate::kSurvives);
}

TEST(Predict, AResetOnTheNextPacketIsToldToTheSender) {
  const Scenario scenario = scenario_of("", kReset, kIdleThenVote);
  EXPECT_THAT(end_of(scenario, "n1").death->reasons, ElementsAre("reset"));
  EXPECT_THAT(end_of(scenario, "n2").death->reasons, IsEmpty()) << "the other side is half-open";
}

TEST(Predict, WatchIdleSeesAResetThatAProbeDraws) {
  const EndPrediction end = end_of(
      scenario_of("keepalive: {enabled: true, idle: 5s, interval: 1s, count: 3}, watch_idle: true",
                  kReset, kIdleThenVote),
      "n1");
  ASSERT_TRUE(end.death);
  EXPECT_THAT(end.death->reasons, ElementsAre("reset"));
  EXPECT_TRUE(end.death->before_vote);
}

TEST(Predict, TheAckDeadlineFindsABlackHoleUnderAVote) {
  const EndPrediction end =
      end_of(scenario_of("retry: {enabled: true, ack_deadline: 2s}", "",
                         "  - {id: cut, set_fault: {link: n1-n2, blackhole: {}}}\n"
                         "  - {id: vote, cast: {node: n1}}\n  - {id: end, idle_for: 6s}\n"),
             "n1");
  ASSERT_TRUE(end.death);
  EXPECT_THAT(end.death->reasons, ElementsAre("ack_timeout"));
  EXPECT_LE(end.death->at_least, seconds(2));
  EXPECT_GE(end.death->at_most, seconds(2));
}

TEST(Predict, AnOutageShorterThanEveryPatienceIsSurvived) {
  const EndPrediction end =
      end_of(scenario_of("retry: {enabled: true, ack_deadline: 9s}", "",
                         "  - {id: cut, set_fault: {link: n1-n2, blackhole: {}}}\n"
                         "  - {id: vote, cast: {node: n1}}\n  - {id: outage, idle_for: 2s}\n"
                         "  - {id: heal, clear_fault: {link: n1-n2, name: blackhole}}\n"
                         "  - {id: end, idle_for: 6s}\n"),
             "n1");
  EXPECT_EQ(end.fate, Fate::kSurvives);
}

TEST(Predict, WhoseProcessEndsFindsNothing) {
  const Scenario scenario = scenario_of("", "",
                                        "  - {id: crash, restart: {node: n2, kind: crash, down: "
                                        "1s}}\n  - {id: vote, cast: {node: n1, count: 2}}\n");
  EXPECT_TRUE(end_of(scenario, "n2").ends_itself);
  EXPECT_THAT(end_of(scenario, "n1").death->reasons, ElementsAre("broken_pipe"));
}

TEST(Predict, WhatShapesBytesIsNotGuessed) {
  const EndPrediction end =
      end_of(scenario_of("", "{latency: {latency: 10ms}}", kIdleThenVote), "n1");
  EXPECT_EQ(end.fate, Fate::kUnknown);
  EXPECT_THAT(end.why, HasSubstr("latency is not modelled"));
}

TEST(Predict, WarningsNameWhatUndoesWhat) {
  const auto warned = [](const std::string& n1) {
    return end_of(scenario_of(n1, kDrop, kIdleThenVote), "n1").warnings;
  };
  EXPECT_THAT(warned(""), Contains(HasSubstr("reconnect is off")));
  EXPECT_THAT(warned(""), Contains(HasSubstr("retry is off")));
  EXPECT_THAT(warned(""), Contains(HasSubstr("watch_idle is off")));
  EXPECT_THAT(warned("keepalive: {enabled: true, idle: 1s, interval: 1s, count: 5}, user_timeout: "
                     "{enabled: true, timeout: 2s}"),
              Contains(HasSubstr("overrides TCP_KEEPCNT")));
  EXPECT_THAT(warned("keepalive: {enabled: true, idle: 1s, interval: 1s, count: 5}"),
              Contains(HasSubstr("keep-alive stops while data is unacknowledged")));
  EXPECT_THAT(warned("ping: {enabled: true, interval: 1s, timeout: 1s}, retry: {enabled: true, "
                     "ack_deadline: 5s}"),
              Contains(HasSubstr("the ping finds a dead link first")));
}

TEST(DetectionBound, IsTheFirstOfItsMechanisms) {
  const Scenario scenario =
      scenario_of("ping: {enabled: true, interval: 1s, timeout: 1s}", "", kIdleThenVote);
  const auto idle = detection_bound(scenario, "n1", "n2", false);
  ASSERT_TRUE(idle);
  EXPECT_GE(*idle, seconds(2));
  EXPECT_LT(*idle, seconds(3));
  EXPECT_FALSE(detection_bound(scenario, "n2", "n1", false)) << "naive: nothing looks";
  EXPECT_TRUE(detection_bound(scenario, "n2", "n1", true))
      << "the kernel's limit, heard by its read";
  EXPECT_FALSE(detection_bound(scenario, "n1", "n3", false)) << "no such link";
}

TEST(PredictionText, SaysWhoAndWhen) {
  const std::string text = prediction_text(predict(scenario_of("", kReset, kIdleThenVote)));
  EXPECT_THAT(text, HasSubstr("n1's connection to n2: dies"));
  EXPECT_THAT(text, HasSubstr("reset in step vote"));
  EXPECT_THAT(text, Not(HasSubstr("unknown")));
}

// Many links, short pings, long idle times: an answer comes soon, and says that it is none.
TEST(Predict, AScenarioThatIsTooMuchToWalkThroughSaysSo) {
  Scenario scenario = scenario_of("ping: {enabled: true, interval: 10ms, timeout: 5s}", "",
                                  "  - {id: quiet, idle_for: 20h}\n");
  const LinkSpec link = scenario.links.front();
  for (int i = 0; i < 189; ++i)
    scenario.links.push_back(link);
  const Prediction prediction = predict(scenario);
  ASSERT_EQ(prediction.ends.size(), 380U);
  EXPECT_EQ(prediction.ends.back().fate, Fate::kUnknown);
  EXPECT_THAT(prediction.ends.back().why, HasSubstr("not followed further"));
}

}  // namespace
}  // namespace halfopen

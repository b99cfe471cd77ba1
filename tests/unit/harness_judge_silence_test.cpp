// A node that does not answer: what it would have said counts neither as yes nor as no.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/model/judge_silence.hpp"
#include "tests/unit/harness_judge_scenario.hpp"

namespace halfopen {
namespace {

using test::at;
using test::expression;
using test::from_seconds;
using test::judged;
using test::RecordBuilder;
using test::scenario_of;
using testing::HasSubstr;

const SeriesLabels kOfFirst{{"node", "n1"}};
const SeriesLabels kOfSecond{{"node", "n2"}};
const SeriesLabels kFirstBelieves{{"node", "n1"}, {"peer", "n2"}};
const SeriesLabels kSecondBelieves{{"node", "n2"}, {"peer", "n1"}};

// n1 is down to n2 until 2 s and up from then on; n2 would say 0 all the time, and answers until 3
// s and again from 6 s on.
class Silence : public testing::Test {
 protected:
  Silence() : run_(9) {
    run_.samples("up", kOfFirst, 0, 10, 1);
    run_.samples("peer_up", kFirstBelieves, 0, 2, 0).samples("peer_up", kFirstBelieves, 2, 10, 1);
    run_.samples("up", kOfSecond, 0, 3, 1).samples("peer_up", kSecondBelieves, 0, 3, 0);
    run_.record().samples.mark_stale(kOfSecond, at(3));
    run_.samples("up", kOfSecond, 3, 6, 0).samples("up", kOfSecond, 6, 10, 1);
    run_.samples("peer_up", kSecondBelieves, 6, 10, 0);
  }
  [[nodiscard]] Verdict of(ExpectationBody body) { return judged(std::move(body), run_).verdict; }
  RecordBuilder run_;
};

TEST_F(Silence, WhatHoldsForTheSurvivorsAloneProvesNothing) {
  for (const char* text : {"min(peer_up) == 1", "peer_up == 1", "sum(peer_up) == count(peer_up)",
                           "peer_up == 7 or min(peer_up) == 1", "min(peer_up offset 500ms) == 1"}) {
    const auto result = judged(Eventually{expression(text)}, run_);
    EXPECT_EQ(result.verdict, Verdict::kInconclusive) << text << ": " << result.seen;
    EXPECT_EQ(result.moment, at(9)) << text;
    EXPECT_EQ(of(Sometimes{expression(text)}), Verdict::kInconclusive) << text;
  }
  EXPECT_EQ(judged(Eventually{expression("min(peer_up) == 1")}, run_).seen,
            "81 scrapes, none with all: +3.000s min(peer_up) 1, but n2 did not answer, and peer_up "
            "is asked of it too; to ask only nodes that are there, add a matcher such as "
            "node=\"n1\", or say absent(...)");
}

TEST_F(Silence, WhatNeverHeldEvenForTheSurvivorsFails) {
  EXPECT_EQ(of(Eventually{expression("min(peer_up) == 7")}), Verdict::kFail);
  EXPECT_EQ(of(HoldsFor{expression("min(peer_up) == 7"), from_seconds(1)}), Verdict::kFail);
}

// The control of a vacuous condition takes a node away and breaks nothing.
TEST_F(Silence, AControlThatOnlyTakesANodeAwayFailsNothing) {
  run_.record().steps = {{"a", {at(0), at(3.5)}}, {"b", {at(3.5), at(5.5)}}};
  const auto in_b = [&](ExpectationBody body) {
    return judged(std::move(body), run_, {"b", ""}).verdict;
  };
  EXPECT_EQ(in_b(Eventually{expression("sum(peer_up) >= 0")}), Verdict::kInconclusive);
  EXPECT_EQ(in_b(Sometimes{expression("count(peer_up and on(node) up == 1) == 1")}),
            Verdict::kInconclusive);
  EXPECT_EQ(in_b(HoldsFor{expression("sum(peer_up) >= 0"), from_seconds(1)}),
            Verdict::kInconclusive);
}

TEST_F(Silence, OnlyWhatStandsInAbsentIsNotMissed) {
  run_.record().steps = {{"a", {at(0), at(3.5)}}, {"b", {at(3.5), at(5.5)}}};
  const auto in_b = [&](const std::string& text) {
    return judged(Sometimes{expression(text)}, run_, {"b", ""}).verdict;
  };
  for (const char* text :
       {"min(peer_up) == 1 or absent(peer_up{node=\"n1\"})", "min(peer_up) == 1 or absent(peer_up)",
        "min(peer_up) == 1 and on() absent(peer_up{node=\"n3\"})",
        "min(peer_up) == 1 or absent(peer_up{node=\"n2\"} offset 5s)",
        "min(peer_up) == 1 or absent_over_time(peer_up{node=\"n2\"}[9s])",
        "min(peer_up) == 1 and on() present_over_time(peer_up[9s])"}) {
    EXPECT_EQ(in_b(text), Verdict::kInconclusive) << text;
  }
  // Who says what it means that a node is gone does not miss it.
  EXPECT_EQ(in_b("peer_up{node=\"n2\"} == 7 or absent(peer_up{node=\"n2\"})"), Verdict::kPass);
  EXPECT_EQ(in_b("absent(sum(peer_up{node=\"n2\"}))"), Verdict::kPass);
  EXPECT_EQ(in_b("min(peer_up{node=\"n1\"}) == 1 and on() absent(peer_up{node=\"n2\"})"),
            Verdict::kPass);
}

TEST_F(Silence, WhoIsNotAskedIsNotMissed) {
  run_.record().steps = {{"a", {at(0), at(4.5)}}, {"b", {at(4.5), at(5.5)}}};
  for (const char* text :
       {"min(peer_up{node=\"n1\"}) == 1", "min(peer_up{peer=\"n2\"}) == 1",
        "min(peer_up{node!~\"n2|n3\"}) == 1", "absent(peer_up{node=\"n2\"})", "min(up) == 0",
        "up{node=\"n2\"} == 0", "min_over_time(peer_up{node=\"n1\"}[2s]) == 1"}) {
    EXPECT_EQ(judged(Eventually{expression(text)}, run_, {"b", ""}).verdict, Verdict::kPass)
        << text;
  }
}

TEST_F(Silence, ARangeHearsWhoAnsweredInIt) {
  const auto text = [](const std::string& range) {
    return Eventually{expression("sum(count_over_time(peer_up[" + range + "])) > 0")};
  };
  run_.record().steps = {{"a", {at(0), at(4.5)}}, {"b", {at(4.5), at(5.9)}}};
  const auto in_b = [&](ExpectationBody body) {
    return judged(std::move(body), run_, {"b", ""}).verdict;
  };
  EXPECT_EQ(in_b(text("2s")), Verdict::kPass);
  EXPECT_EQ(in_b(text("1s")), Verdict::kInconclusive);
}

TEST_F(Silence, AlsoWhomTheScenarioTookAwayMustBeAskedByNobody) {
  run_.record().steps.push_back({"away", {at(2.5), at(6)}});
  Scenario scenario = scenario_of(Eventually{expression("min(peer_up) == 1")});
  scenario.steps.push_back({"away", {}, RestartNode{"n2"}});
  EXPECT_EQ(judge(scenario, run_.record()).at(0).verdict, Verdict::kInconclusive)
      << "n1 believes in the dead, and n2 cannot say";
}

TEST_F(Silence, EndsAStretch) {
  const auto result = judged(HoldsFor{expression("count(peer_up) > 0"), from_seconds(2.5)}, run_);
  EXPECT_EQ(result.verdict, Verdict::kPass) << result.seen;
  EXPECT_EQ(result.moment, at(8.5)) << "from 6 s on";
  const auto shorter = judged(HoldsFor{expression("count(peer_up) > 0"), from_seconds(3.5)}, run_);
  EXPECT_EQ(shorter.verdict, Verdict::kInconclusive) << "n2 may have agreed";
  EXPECT_THAT(shorter.seen, HasSubstr("with all at most 3.0 s, from +6.000s to +9.000s; +3.000s "
                                      "count(peer_up) 1, but n2 did not answer"));
  const auto survivors = judged(HoldsFor{expression("min(peer_up) == 1"), from_seconds(1)}, run_);
  EXPECT_EQ(survivors.verdict, Verdict::kInconclusive);
  EXPECT_THAT(survivors.seen, HasSubstr("with all never; +3.000s min(peer_up) 1, but n2 did not"));
  const auto too_short = judged(HoldsFor{expression("min(peer_up) == 1"), from_seconds(3)}, run_);
  EXPECT_EQ(too_short.verdict, Verdict::kFail) << "n1 and n2 say so before 3 s and after 6 s";
  EXPECT_THAT(too_short.seen, HasSubstr("held at none of 81 scrapes"));
  EXPECT_EQ(of(HoldsFor{expression("peer_up{node=\"n1\"} == 1"), from_seconds(6)}), Verdict::kPass);
  const HoldsFor too_long{expression("count(peer_up) > 0"), from_seconds(6)};
  run_.record().steps = {{"a", {at(0), at(5)}}};
  const auto broken = judged(too_long, run_, {"a", ""});
  EXPECT_THAT(broken.seen, HasSubstr("; then count(peer_up) 1, but n2 did not answer"));
}

TEST_F(Silence, IsNoRiseAndLeavesTheNumberOpen) {
  const auto becomes_up = [](Comparison comparison, unsigned count) {
    return CountTimes{expression("min(peer_up) == 1"), {comparison, count}};
  };
  const auto none = judged(becomes_up(Comparison::kEqual, 0), run_);
  EXPECT_EQ(none.verdict, Verdict::kInconclusive);
  EXPECT_THAT(none.seen, HasSubstr("0 x it became true; +3.000s n2 did not answer"));
  EXPECT_EQ(of(becomes_up(Comparison::kAtLeast, 1)), Verdict::kInconclusive);
  // What was seen with all decides: one rise after the silence, none by its end.
  const auto sum_rises = [](Comparison comparison, unsigned count) {
    return CountTimes{expression("sum(peer_up) == 1"), {comparison, count}};
  };
  EXPECT_EQ(of(sum_rises(Comparison::kAtLeast, 1)), Verdict::kPass);
  EXPECT_EQ(of(sum_rises(Comparison::kAtMost, 1)), Verdict::kInconclusive);
  EXPECT_EQ(of(sum_rises(Comparison::kAtMost, 0)), Verdict::kFail);
  EXPECT_EQ(of(CountTimes{expression("peer_up{node=\"n1\"} == 1"), {Comparison::kEqual, 1}}),
            Verdict::kPass);
}

TEST_F(Silence, OfANodeThatTheScenarioTookAwayIsACountedFall) {
  run_.record().steps.push_back({"away", {at(2.5), at(6)}});
  const auto of_restart = [&](const std::string& text, Comparison comparison, unsigned count) {
    Scenario scenario = scenario_of(CountTimes{expression(text), {comparison, count}});
    scenario.steps.push_back({"away", {}, RestartNode{"n2"}});
    return judge(scenario, run_.record()).at(0);
  };
  const auto back = of_restart("peer_up{node=\"n2\"} == 0", Comparison::kEqual, 1);
  EXPECT_EQ(back.verdict, Verdict::kPass) << back.seen;
  EXPECT_EQ(back.seen, "1 x it became true, at +6.000s");
  EXPECT_EQ(of_restart("min(peer_up) == 1", Comparison::kEqual, 0).verdict, Verdict::kPass)
      << "the survivors do not make it true";
  run_.record().steps.back().span.end = at(5);
  EXPECT_EQ(of_restart("peer_up{node=\"n2\"} == 0", Comparison::kEqual, 1).verdict,
            Verdict::kInconclusive)
      << "silent for a second more than the plan says";
}

TEST_F(Silence, WhereNobodyIsThereNobodyElseIsRecommended) {
  const CountTimes none{expression("peer_up{node=\"n2\"} == 1"), {Comparison::kEqual, 0}};
  EXPECT_EQ(judged(none, run_).seen,
            "0 x it became true; +3.000s n2 did not answer, and peer_up is asked of it too");
}

TEST_F(Silence, ANodeThatNobodyScrapesIsNeverSilent) {
  run_.samples("said", {{"node", "command"}}, 0, 1.5, 1).samples("said", kOfFirst, 0, 10, 1);
  run_.record().steps = {{"a", {at(0), at(4)}}, {"b", {at(4), at(9)}}};
  EXPECT_EQ(judged(Eventually{expression("min(said) == 1")}, run_, {"b", ""}).verdict,
            Verdict::kPass);
}

TEST_F(Silence, OfAnAlertIsNoProof) {
  const Result<AlertRules> rules = AlertRules::read({{"a.yaml", R"(
groups:
  - name: g
    rules:
      - {alert: Disbelief, expr: peer_up == 2, for: 1s}
      - {alert: NobodyThere, expr: absent(peer_up), for: 1s}
)"}});
  const Alerts silent{{}, {rules->find("Disbelief", 1).value()}};
  const auto result = judged(silent, run_);
  EXPECT_EQ(result.verdict, Verdict::kInconclusive);
  EXPECT_EQ(result.seen,
            "that Disbelief is silent says nothing: at +3.000s n2 did not answer, and peer_up is "
            "asked of it too");
  EXPECT_EQ(of(Alerts{{}, {rules->find("NobodyThere", 1).value()}}), Verdict::kPass);
  run_.record().steps.push_back({"away", {at(2.5), at(6)}});
  Scenario scenario = scenario_of(silent);
  scenario.steps.push_back({"away", {}, RestartNode{"n2"}});
  EXPECT_EQ(judge(scenario, run_.record()).at(0).verdict, Verdict::kPass)
      << "the operator of a planned restart knows";
}

TEST_F(Silence, AWaitHearsTheSame) {
  const EvaluationSettings settings{from_seconds(0.3)};
  const auto heard_at = [&](const std::string& text, double time) {
    const Expression condition = expression(text);
    const SilenceWatch silence(condition, run_.record().samples);
    return hear(condition, silence, run_.record().samples, at(time), settings).value();
  };
  EXPECT_TRUE(heard_at("peer_up{node=\"n1\"} == 1", 4).holds);
  const Hearing survivors = heard_at("min(peer_up) == 1", 4);
  EXPECT_FALSE(survivors.holds);
  EXPECT_TRUE(survivors.held_without);
  EXPECT_THAT(survivors.seen, HasSubstr("such as node=\"n1\""));
  const Hearing neither = heard_at("min(peer_up) == 0", 4);
  EXPECT_FALSE(neither.held_without);
  EXPECT_FALSE(neither.is_complete);
  EXPECT_TRUE(heard_at("min(peer_up) == 0", 7).holds);
}

}  // namespace
}  // namespace halfopen

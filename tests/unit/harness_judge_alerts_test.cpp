// Alert rules: read from Prometheus's own file form, shortened, and evaluated as it does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/harness_judge_scenario.hpp"

namespace halfopen {
namespace {

using std::chrono::milliseconds;
using test::at;
using test::judged;
using test::kN2;
using test::kN3;
using test::RecordBuilder;
using test::since;
using testing::ElementsAre;
using testing::HasSubstr;

const std::vector<AlertRuleFile>& files() {
  static const std::vector<AlertRuleFile> all{{"a.yaml", R"(
groups:
  - name: g
    rules:
      - {record: x:y, expr: sum(up)}
      - alert: Down
        expr: up == 0
        for: 2m
        labels: {severity: page}
        annotations: {summary: "{{ $labels.peer }} is down"}
      - {alert: Never, expr: topk(1, up), for: 1m}
      - {alert: Falls, expr: 'delta(up[5m] offset 1m) < 0'}
)"}};
  return all;
}

AlertRules rules() {
  return AlertRules::read(files()).value();
}

AlertRule down() {
  return rules().find("Down", 120).value();  // 2m / 120 = 1 s
}

TEST(AlertRules, TimesAreShortenedAndThresholdsAreNot) {
  const AlertRule rule = rules().find("Falls", 60).value();
  EXPECT_EQ(rule.expression.text(), "delta(up[5s] offset 1s) < 0");
  EXPECT_EQ(rule.hold, Duration{});
  EXPECT_EQ(down().hold, milliseconds(1000));
  EXPECT_EQ(rules().find("Down", 1000000).value().hold, milliseconds(1));
}

TEST(AlertRules, AMisspeltNameHasANeighbour) {
  EXPECT_EQ(
      rules().find("Dwon", 1).error().text,
      "there is no alert \"Dwon\"; did you mean \"Down\"? expected one of Down, Never, Falls");
}

TEST(AlertRules, WhatIsOutsideTheSubsetIsSaid) {
  EXPECT_THAT(rules().find("Never", 1).error().text,
              HasSubstr("a.yaml:11:30: in the alert Never: "));
}

TEST(AlertRules, AFileThatIsNoneIsSaid) {
  EXPECT_THAT(AlertRules::read({{"b.yaml", "groups: 3"}}).error().text, HasSubstr("b.yaml:1:9: "));
  EXPECT_THAT(AlertRules::read({{"b.yaml", "rules: []"}}).error().text, HasSubstr("no \"groups\""));
}

TEST(AlertRules, TheOnesOfThisProgramCanAllBeEvaluated) {
  const Result<AlertRules>& known = built_in_alert_rules();
  ASSERT_TRUE(known.has_value()) << known.error().text;
  EXPECT_THAT(known->names(),
              ElementsAre("HalfOpenSuspected", "ReconnectStorm", "VotesUnacknowledged"));
  for (const std::string& name : known->names()) {
    const auto rule = known->find(name, 60);
    EXPECT_TRUE(rule.has_value()) << rule.error().text;
  }
}

// Down from 3 s to 4.5 s and from 6 s to 6.5 s.
class Alert : public testing::Test {
 protected:
  Alert() : run_(10) {
    run_.samples("up", kN2, 0, 3, 1).samples("up", kN2, 3, 4.55, 0).samples("up", kN2, 4.55, 6, 1);
    run_.samples("up", kN2, 6, 6.5, 0).samples("up", kN2, 6.5, 11, 1);
  }
  RecordBuilder run_;
};

TEST_F(Alert, FiresOnceItHasBeenPendingLongEnough) {
  const auto result = judged(Alerts{{down()}, {}}, run_);
  EXPECT_EQ(result.verdict, Verdict::kPass);
  EXPECT_EQ(result.moment, at(4));
  EXPECT_EQ(result.seen, "Down fired at +4.000s for {node=\"n1\",peer=\"n2\"}");
}

TEST_F(Alert, SilenceFailsAtTheMomentOfTheFire) {
  const auto result = judged(Alerts{{}, {down()}}, run_);
  EXPECT_EQ(result.verdict, Verdict::kFail);
  EXPECT_EQ(result.moment, at(4));
}

TEST_F(Alert, WhatIsPendingWhenTheWindowOpensHasBeenSoForAWhile) {
  run_.record().steps = {{"a", {at(0), at(4.2)}}, {"b", {at(4.2), at(10)}}};
  EXPECT_EQ(judged(Alerts{{down()}, {}}, run_, since("b")).moment, at(4.2));
}

TEST_F(Alert, APauseBeginsThePendingAnew) {
  run_.record().steps = {{"a", {at(0), at(5)}}, {"b", {at(5), at(10)}}};
  const auto fire = judged(Alerts{{down()}, {}}, run_, since("b"));
  EXPECT_EQ(fire.verdict, Verdict::kFail);
  EXPECT_EQ(fire.seen, "Down was pending for 400 ms at most and fires after 1s");
  EXPECT_EQ(fire.moment, at(10));
  EXPECT_EQ(judged(Alerts{{}, {down()}}, run_, since("b")).verdict, Verdict::kPass);
}

TEST_F(Alert, EachLabelSetIsPendingForItself) {
  RecordBuilder run(10);
  run.samples("up", kN2, 0, 3, 1).samples("up", kN2, 3, 3.8, 0).samples("up", kN2, 3.8, 11, 1);
  run.samples("up", kN3, 0, 3.8, 1).samples("up", kN3, 3.8, 4.6, 0).samples("up", kN3, 4.6, 11, 1);
  EXPECT_EQ(judged(Alerts{{down()}, {}}, run).verdict, Verdict::kFail);
}

TEST_F(Alert, IsAPartThatFiresOrNotForItself) {
  const AlertRule falls = rules().find("Falls", 60).value();
  const auto results = judge(test::scenario_of(Alerts{{falls}, {down()}}), run_.record());
  const auto verdicts = judge_control({"it.Down", "it.Falls"}, results);
  EXPECT_EQ(verdicts.at(0).verdict, Verdict::kPass);
  EXPECT_EQ(verdicts.at(0).moment, at(4));
  EXPECT_EQ(verdicts.at(1).verdict, Verdict::kFail) << "it did fire: " << verdicts.at(1).seen;
}

TEST_F(Alert, ARuleThatCannotBeEvaluatedProvesNothing) {
  RecordBuilder empty(10);
  EXPECT_EQ(judged(Alerts{{down()}, {}}, empty).verdict, Verdict::kInconclusive);
  EXPECT_EQ(judged(Alerts{{}, {down()}}, empty).verdict, Verdict::kInconclusive);
}

TEST_F(Alert, SilenceNeedsScrapesAndAFireDoesNot) {
  std::erase_if(run_.record().scrape_times,
                [](Instant time) { return time > at(8) && time < at(9); });
  run_.record().steps = {{"a", {at(0), at(5)}}, {"b", {at(5), at(10)}}};
  EXPECT_EQ(judged(Alerts{{}, {down()}}, run_, since("b")).verdict, Verdict::kInconclusive);
  EXPECT_EQ(judged(Alerts{{down()}, {}}, run_, {"a", ""}).verdict, Verdict::kPass);
}

}  // namespace
}  // namespace halfopen

// holds_for, and count of a condition: how long and how often something held.
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
using test::RecordBuilder;
using test::since;
using testing::HasSubstr;

HoldsFor up_for(double seconds) {
  return {expression("up == 1"), from_seconds(seconds)};
}

CountTimes becomes_down(Comparison comparison, unsigned count) {
  return {expression("up == 0"), {comparison, count}};
}

// Up from 1 s to 3 s, from 4 s to 7 s and from 8 s to 9 s.
class UpAndDown : public testing::Test {
 protected:
  UpAndDown() : run_(10) {
    run_.samples("up", kN2, 0, 1, 0).samples("up", kN2, 1, 3, 1).samples("up", kN2, 3, 4, 0);
    run_.samples("up", kN2, 4, 7, 1).samples("up", kN2, 7, 8, 0).samples("up", kN2, 8, 9, 1);
    run_.samples("up", kN2, 9, 11, 0);
  }
  void lose_scrapes(double from, double to) {
    std::erase_if(run_.record().scrape_times,
                  [&](Instant time) { return time > at(from) && time < at(to); });
  }
  RecordBuilder run_;
};

TEST_F(UpAndDown, AStretchThatIsLongEnoughPassesWhenItIs) {
  const auto result = judged(up_for(2.5), run_);
  EXPECT_EQ(result.verdict, Verdict::kPass) << result.seen;
  EXPECT_EQ(result.moment, at(6.5));
  EXPECT_EQ(result.seen, "held for 2.5 s, from +4.000s to +6.500s");
}

TEST_F(UpAndDown, TheLongestStretchIsToldWhereNoneIsLongEnough) {
  const auto result = judged(up_for(3), run_);
  EXPECT_EQ(result.verdict, Verdict::kFail);
  EXPECT_EQ(result.moment, at(7));
  EXPECT_EQ(result.seen,
            "held for at most 2.9 s, from +4.000s to +6.900s; then up{node=\"n1\",peer=\"n2\"} 0");
}

TEST_F(UpAndDown, AStretchIsCutByTheWindow) {
  EXPECT_EQ(judged(up_for(1.5), run_, {"up", ""}).verdict, Verdict::kFail);
  run_.record().steps = {{"a", {at(0), at(5)}}, {"b", {at(5), at(10)}}};
  EXPECT_EQ(judged(up_for(1.9), run_, {"b", ""}).verdict, Verdict::kPass);
  EXPECT_EQ(judged(up_for(2), run_, {"b", ""}).verdict, Verdict::kFail);
}

TEST_F(UpAndDown, AGapInTheScrapesEndsAStretchAndDecidesNothing) {
  lose_scrapes(5.05, 5.45);
  EXPECT_EQ(judged(up_for(2.5), run_).verdict, Verdict::kInconclusive);
  EXPECT_EQ(judged(up_for(1.5), run_).verdict, Verdict::kPass) << "what was seen decides";
}

TEST_F(UpAndDown, AThirdOfASecondWithoutScrapesIsNoGap) {
  lose_scrapes(5.05, 5.25);
  EXPECT_EQ(judged(up_for(2.5), run_).verdict, Verdict::kPass);
}

TEST_F(UpAndDown, NeverAtAllIsTold) {
  const auto result = judged(HoldsFor{expression("up == 7"), from_seconds(1)}, run_);
  EXPECT_EQ(result.verdict, Verdict::kFail);
  EXPECT_EQ(result.moment, at(10));
  EXPECT_THAT(result.seen, HasSubstr("held at none of 91 scrapes"));
}

TEST_F(UpAndDown, AConditionThatCannotBeEvaluatedProvesNothing) {
  EXPECT_EQ(judged(HoldsFor{expression("nobody == 1"), from_seconds(1)}, run_).verdict,
            Verdict::kInconclusive);
  EXPECT_EQ(judged(CountTimes{expression("nobody == 1"), {Comparison::kEqual, 0}}, run_).verdict,
            Verdict::kInconclusive);
}

TEST_F(UpAndDown, AtTheEndEveryScrapeOfTheLastStretchHolds) {
  const HoldsFor at_end{expression("up == 1"), from_seconds(1), true};
  const auto until = [&](double begin, double end) {
    run_.record().steps = {{"heal", {at(begin), at(end)}}};
    return judged(at_end, run_, {"heal", ""});
  };
  EXPECT_EQ(until(3.5, 6).verdict, Verdict::kPass);
  const auto stale_belief = until(1.5, 3.9);  // what was believed before holds first, and then not
  EXPECT_EQ(stale_belief.verdict, Verdict::kFail);
  EXPECT_EQ(stale_belief.moment, at(3));
  EXPECT_EQ(until(3.5, 4.5).verdict, Verdict::kFail) << "well for half a second only";
  EXPECT_EQ(until(5, 5.5).verdict, Verdict::kInconclusive);
}

TEST_F(UpAndDown, AtTheEndAllThatWasThereIsBack) {
  run_.samples("up", {{"node", "n2"}}, 0, 2, 1);
  run_.record().steps = {{"heal", {at(4), at(6)}}};
  const HoldsFor at_end{expression("min(up) == 1"), from_seconds(1), true};
  EXPECT_EQ(judged(at_end, run_, {"heal", ""}).verdict, Verdict::kFail);
}

TEST_F(UpAndDown, RisesOfAConditionAreCounted) {
  const auto result = judged(becomes_down(Comparison::kEqual, 3), run_);
  EXPECT_EQ(result.verdict, Verdict::kPass) << result.seen;
  EXPECT_EQ(result.seen, "3 x it became true, the last at +9.000s");
  EXPECT_EQ(result.moment, at(10));
}

TEST_F(UpAndDown, WhatHoldsWhenTheWindowOpensDidNotBecomeTrueInIt) {
  run_.record().steps = {{"a", {at(0), at(3.5)}}, {"b", {at(3.5), at(10)}}};
  EXPECT_EQ(judged(becomes_down(Comparison::kEqual, 2), run_, since("b")).verdict, Verdict::kPass);
}

TEST_F(UpAndDown, ABoundThatIsExceededOrReachedDecidesAtOnce) {
  const auto exceeded = judged(becomes_down(Comparison::kAtMost, 1), run_);
  EXPECT_EQ(exceeded.verdict, Verdict::kFail);
  EXPECT_EQ(exceeded.moment, at(7));
  const auto reached = judged(becomes_down(Comparison::kAtLeast, 2), run_);
  EXPECT_EQ(reached.verdict, Verdict::kPass);
  EXPECT_EQ(reached.moment, at(7));
  EXPECT_EQ(judged(becomes_down(Comparison::kAtLeast, 4), run_).verdict, Verdict::kFail);
}

TEST_F(UpAndDown, WhatWasNotCountedDecidesOnlyWithEnoughScrapes) {
  lose_scrapes(5.05, 5.85);
  EXPECT_EQ(judged(becomes_down(Comparison::kEqual, 3), run_).verdict, Verdict::kInconclusive);
  EXPECT_EQ(judged(becomes_down(Comparison::kAtLeast, 4), run_).verdict, Verdict::kInconclusive);
  EXPECT_EQ(judged(becomes_down(Comparison::kAtLeast, 2), run_).verdict, Verdict::kPass);
  EXPECT_EQ(judged(becomes_down(Comparison::kEqual, 2), run_).verdict, Verdict::kFail);
}

}  // namespace
}  // namespace halfopen

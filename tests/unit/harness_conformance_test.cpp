// The pure half of `halfopen conformance`: what agrees, what does not, and how it is said.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "harness/model/conformance/cases.hpp"
#include "harness/model/conformance/comparison.hpp"
#include "harness/model/conformance/ladder.hpp"
#include "harness/model/conformance/left_out.hpp"
#include "harness/model/conformance/table.hpp"
#include "harness/model/glob.hpp"

namespace halfopen::conformance {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

Case small_case() {
  Case test;
  test.id = "small";
  test.claim = "a small claim";
  test.expected = {{"client sends", "OK"}};
  test.times = {{"client detects", seconds(1), seconds(2)}};
  return test;
}

Seen saw(const std::string& world, const std::string& sends, Duration detects) {
  Seen seen{world, {}};
  seen.observation.status = Observation::Status::kComplete;
  seen.observation.cells = {{"client sends", sends}};
  seen.observation.times = {{"client detects", detects}};
  return seen;
}

TEST(Comparison, AgreesWhenBothWorldsShowWhatIsExpected) {
  const auto result = compare(small_case(), {saw("kernel", "OK", milliseconds(1100)),
                                             saw("proxy", "OK", milliseconds(1900))});
  EXPECT_EQ(result.agreement, Agreement::kAgree);
  EXPECT_THAT(result.worlds, ElementsAre("kernel", "proxy"));
  ASSERT_EQ(result.rows.size(), 2U);
  EXPECT_TRUE(result.rows[0].agrees);
  EXPECT_THAT(result.rows[1].values, ElementsAre("1.10 s", "1.90 s"));
}

TEST(Comparison, ADifferentCellIsADisagreementThatNamesBothValuesAndTheExpectation) {
  const auto result = compare(
      small_case(), {saw("kernel", "OK", seconds(1)), saw("proxy", "OK ECONNRESET", seconds(1))});
  EXPECT_EQ(result.agreement, Agreement::kDisagree);
  EXPECT_FALSE(result.rows[0].agrees);
  EXPECT_THAT(result.rows[0].values, ElementsAre("OK", "OK ECONNRESET"));
  EXPECT_EQ(result.rows[0].expected, "OK");
  EXPECT_THAT(case_table(small_case(), result), HasSubstr("!   client sends"));
}

TEST(Comparison, WorldsThatAgreeOnWhatIsNotExpectedDisagree) {
  const auto result = compare(
      small_case(), {saw("kernel", "EPIPE", seconds(1)), saw("proxy", "EPIPE", seconds(1))});
  EXPECT_EQ(result.agreement, Agreement::kDisagree);
}

TEST(Comparison, ATimeOutsideItsBoundIsADisagreement) {
  for (const Duration time : {milliseconds(999), milliseconds(2001)}) {
    EXPECT_EQ(compare(small_case(), {saw("kernel", "OK", seconds(1)), saw("proxy", "OK", time)})
                  .agreement,
              Agreement::kDisagree);
  }
  for (const Duration time : {seconds(1), seconds(2)}) {
    EXPECT_EQ(compare(small_case(), {saw("kernel", "OK", time)}).agreement, Agreement::kAgree);
  }
}

TEST(Comparison, WhatIsMissingAndWhatNobodyExpectedAreDisagreements) {
  Seen missing = saw("proxy", "OK", seconds(1));
  missing.observation.times.clear();
  EXPECT_EQ(compare(small_case(), {missing}).agreement, Agreement::kDisagree);
  missing = saw("proxy", "OK", seconds(1));
  missing.observation.cells.clear();
  EXPECT_EQ(compare(small_case(), {missing}).agreement, Agreement::kDisagree);

  Seen more = saw("proxy", "OK", seconds(1));
  more.observation.cells.push_back({"server learns", "EOF"});
  const auto result = compare(small_case(), {saw("kernel", "OK", seconds(1)), more});
  EXPECT_EQ(result.agreement, Agreement::kDisagree);
  EXPECT_EQ(result.rows.back().name, "server learns");
  EXPECT_THAT(result.rows.back().values, ElementsAre("(not observed)", "EOF"));

  more = saw("proxy", "OK", seconds(1));
  more.observation.times.push_back({"server detects", seconds(1)});
  EXPECT_EQ(compare(small_case(), {more}).agreement, Agreement::kDisagree);
}

TEST(Comparison, AWorldThatCannotSayMakesItInconclusiveWithItsReason) {
  Seen cannot{"kernel", {}};
  cannot.observation.reason = "no namespaces; allow them";
  const auto result = compare(small_case(), {cannot, saw("proxy", "EPIPE", seconds(9))});
  EXPECT_EQ(result.agreement, Agreement::kInconclusive);
  EXPECT_EQ(result.reason, "the kernel world: no namespaces; allow them");
  EXPECT_FALSE(result.is_internal);
  EXPECT_EQ(compare(small_case(), {}).agreement, Agreement::kInconclusive);
  cannot.observation.status = Observation::Status::kInternal;
  EXPECT_TRUE(compare(small_case(), {cannot}).is_internal);
}

TEST(Comparison, ACaseThatExpectsNothingProvesNothing) {
  Case empty;
  Seen seen{"kernel", {}};
  seen.observation.status = Observation::Status::kComplete;
  EXPECT_EQ(compare(empty, {seen}).agreement, Agreement::kDisagree);
}

Comparison verdict(Agreement agreement) {
  Comparison comparison;
  comparison.agreement = agreement;
  return comparison;
}

TEST(Repetitions, TheWorstCountsAndAnyDifferenceIsAChange) {
  const Comparison agree = verdict(Agreement::kAgree);
  const Comparison disagree = verdict(Agreement::kDisagree);
  const Comparison unsure = verdict(Agreement::kInconclusive);
  EXPECT_EQ(combine({agree, agree}).worst, Agreement::kAgree);
  EXPECT_FALSE(combine({agree, agree}).changed);
  EXPECT_EQ(combine({agree, disagree}).worst, Agreement::kDisagree);
  EXPECT_TRUE(combine({agree, disagree}).changed);
  EXPECT_EQ(combine({disagree, unsure}).worst, Agreement::kDisagree);
  EXPECT_EQ(combine({agree, unsure}).worst, Agreement::kInconclusive);
  EXPECT_FALSE(combine({disagree, disagree}).changed);
  EXPECT_EQ(changes_of(small_case(), {agree, disagree}), "small: AGREE, DISAGREE");
}

TEST(Table, ShowsEachWorldsValueAndTheOtherRepetitionsOnlyIfTheyDiffer) {
  const Case test = small_case();
  const auto good =
      compare(test, {saw("kernel", "OK", seconds(1)), saw("proxy", "OK", seconds(2))});
  const auto bad =
      compare(test, {saw("kernel", "OK", seconds(1)), saw("proxy", "EPIPE", seconds(2))});
  EXPECT_EQ(case_table(test, good),
            "AGREE        small\n"
            "    a small claim\n"
            "        cell                  kernel  proxy   expected\n"
            "    =   client sends          OK      OK      OK\n"
            "    =   client detects after  1.00 s  2.00 s  1.00 s to 2.00 s\n");
  EXPECT_THAT(repeated_table(test, {good, good}), Not(HasSubstr("repetition")));
  EXPECT_THAT(repeated_table(test, {good, bad}), HasSubstr("repetition 2: DISAGREE"));
  EXPECT_EQ(progress_line(test, good, 1), "AGREE        small");
  EXPECT_EQ(progress_line(test, good, 3), "AGREE        small, repetition 3");
}

TEST(Table, CountsAreTheLastLine) {
  EXPECT_EQ(counts_line({34, 5, 33, 1, 0, 1}),
            "34 cases, 5 repetitions: 33 agree, 1 disagree, 0 inconclusive, 1 verdict change");
  EXPECT_EQ(counts_line({1, 1, 1, 0, 0, 0}),
            "1 case, 1 repetition: 1 agree, 0 disagree, 0 inconclusive, 0 verdict changes");
}

TEST(Observation, SurvivesItsJourney) {
  Observation observation = saw("proxy", "OK", milliseconds(1500)).observation;
  observation.status = Observation::Status::kStalled;
  observation.reason = "late";
  observation.notes = {"a note"};
  observation.latest_heartbeat = milliseconds(7);
  const auto back = observation_from_json(to_json(observation));
  ASSERT_TRUE(back.has_value()) << back.error().text;
  EXPECT_EQ(back->status, Observation::Status::kStalled);
  EXPECT_EQ(back->reason, "late");
  EXPECT_EQ(back->cells, observation.cells);
  ASSERT_EQ(back->times.size(), 1U);
  EXPECT_EQ(back->times.front().value, milliseconds(1500));
  EXPECT_THAT(back->notes, ElementsAre("a note"));
  EXPECT_EQ(back->latest_heartbeat, milliseconds(7));
  EXPECT_TRUE(observation_from_json({{"status", "fine"}}).has_error());
  EXPECT_TRUE(observation_from_json({{"status", "complete"}}).has_error());
}

class LadderTest : public ::testing::Test {
 protected:
  // A rung whose silence is known to a millisecond.
  static Rung rung(int idle_milliseconds, bool passed) {
    return {milliseconds(idle_milliseconds), milliseconds(idle_milliseconds + 1), passed, false};
  }
  std::vector<std::string> answers(const std::vector<Rung>& rungs, const Granularity& by = {}) {
    std::vector<std::string> texts;
    for (const Cell& cell : judge_ladder(spec_, rungs, by).cells)
      texts.push_back(cell.name + ": " + cell.value);
    return texts;
  }
  const LadderSpec spec_{.last = LastPacket::kData,
                         .idle_timeout = seconds(2),
                         .rungs = 4,
                         .first = milliseconds(-60),
                         .step = milliseconds(5),
                         .late_max = milliseconds(20)};
};

TEST_F(LadderTest, AMappingThatEndsInItsBoundIsNeitherEarlyNorLate) {
  EXPECT_THAT(answers({rung(1990, true), rung(2010, true), rung(2011, false), rung(2021, false)}),
              ElementsAre("never early: yes", "never late: yes"));
}

TEST_F(LadderTest, ASwallowedByteBeforeTheTimeoutIsEarly) {
  EXPECT_THAT(
      answers({rung(1990, false), rung(2030, false)}),
      ElementsAre("never early: no: swallowed after 1990.0 ms to 1991.0 ms", "never late: yes"));
  // The clock of the middlebox may count a part of a tick as a whole one.
  EXPECT_THAT(answers({rung(1980, true), rung(1997, false), rung(2030, false)},
                      {milliseconds(4), milliseconds(4)}),
              ElementsAre("never early: yes", "never late: yes"));
}

TEST_F(LadderTest, APassingByteLongAfterTheTimeoutIsLate) {
  EXPECT_THAT(
      answers({rung(1990, true), rung(2021, true)}),
      ElementsAre("never early: yes", "never late: no: passed after 2021.0 ms to 2022.0 ms"));
  EXPECT_THAT(answers({rung(1990, true), rung(2021, true), rung(2031, false)},
                      {Duration{0}, milliseconds(10)}),
              ElementsAre("never early: yes", "never late: yes"));
}

TEST_F(LadderTest, ARungThatAStandstillDisturbedCannotShowALateEnd) {
  Rung disturbed = rung(2100, true);
  disturbed.disturbed = true;
  EXPECT_EQ(judge_ladder(spec_, {disturbed}, {}).certainly_overdue, 0U);
  EXPECT_EQ(answers({rung(1900, true), disturbed, rung(2100, false)}),
            (std::vector<std::string>{"never early: yes", "never late: yes"}));
  // An early end is one whatever the machine did.
  Rung early = rung(1900, false);
  early.disturbed = true;
  EXPECT_NE(answers({early, rung(2100, false)}).front(), "never early: yes");
}

TEST_F(LadderTest, WhatIsNotCertainProvesNothing) {
  const Rung uncertain{milliseconds(1900), milliseconds(2100), false, false};
  EXPECT_THAT(answers({uncertain}), ElementsAre(HasSubstr("never early: not proven"),
                                                HasSubstr("never late: not proven")));
  EXPECT_THAT(answers({}), ElementsAre(HasSubstr("never early: not proven"),
                                       HasSubstr("never late: not proven")));
}

TEST_F(LadderTest, TheLongestThatPassedAndTheShortestThatWasSwallowedAreTold) {
  const auto notes =
      judge_ladder(spec_,
                   {rung(1990, true), rung(2001, true), rung(2005, false), rung(2030, false)}, {})
          .notes;
  EXPECT_THAT(notes,
              ElementsAre("longest silence that passed: 2001.0 ms to 2002.0 ms",
                          "shortest that was swallowed: 2005.0 ms to 2006.0 ms",
                          "4 connections: 1 were certainly silent for less than 2000.0 ms, 1 "
                          "for more than 2020.0 ms"));
}

TEST(Cases, AreManyAndEachIsWhole) {
  std::set<std::string> ids;
  for (const Case& test : all_cases()) {
    EXPECT_TRUE(ids.insert(test.id).second) << test.id << " is there twice";
    EXPECT_FALSE(test.claim.empty()) << test.id;
    EXPECT_FALSE(test.expected.empty()) << test.id;
    EXPECT_NE(test.script.empty(), !test.ladder.has_value()) << test.id;
    EXPECT_EQ(find_case(test.id), &test);
    std::set<std::string> cells;
    for (const Cell& cell : test.expected)
      EXPECT_TRUE(cells.insert(cell.name).second) << test.id << ": " << cell.name << " twice";
    for (const TimeBound& bound : test.times)
      EXPECT_LT(bound.at_least, bound.at_most) << test.id;
  }
  EXPECT_GE(ids.size(), 30U);
}

TEST(Cases, EachChangeOfTheWorldIsAStepOfItsScenario) {
  const Case* test = find_case("outage-short");
  ASSERT_NE(test, nullptr);
  const Scenario scenario = scenario_of(*test);
  ASSERT_EQ(scenario.nodes.size(), 2U);
  EXPECT_TRUE(scenario.nodes[0].is_endpoint && scenario.nodes[1].is_endpoint);
  ASSERT_EQ(scenario.links.size(), 1U);
  EXPECT_EQ(scenario.links[0].inside, kClientName);
  ASSERT_EQ(scenario.steps.size(), 2U);
  EXPECT_TRUE(std::holds_alternative<SetFault>(scenario.steps[0].action));
  EXPECT_TRUE(std::holds_alternative<ClearFault>(scenario.steps[1].action));
}

TEST(Selection, IsByGlobInReportOrder) {
  EXPECT_TRUE(matches_glob("flush-drop", "flush-drop"));
  EXPECT_TRUE(matches_glob("flush-drop", "*"));
  EXPECT_TRUE(matches_glob("flush-drop", "*-dr?p"));
  EXPECT_TRUE(matches_glob("aaab", "*ab"));
  EXPECT_FALSE(matches_glob("flush-drop", "flush"));
  EXPECT_FALSE(matches_glob("flush", "flush?"));
  const auto flushes = select_cases({"flush-reset", "flush-dr*"});
  ASSERT_TRUE(flushes.has_value());
  ASSERT_EQ(flushes->size(), 2U);
  EXPECT_EQ(flushes->front()->id, "flush-drop");
  EXPECT_EQ(select_cases({"flush-*", "flush-drop"})->size(), 4U);
  const auto unknown = select_cases({"flush-dropp"});
  ASSERT_TRUE(unknown.has_error());
  EXPECT_THAT(unknown.error().text, HasSubstr("did you mean \"flush-drop\"?"));
}

TEST(Selection, TakesAKnownDifferenceOnlyByItsFullId) {
  const Case* known = find_case("half-closed-in-silence");
  ASSERT_NE(known, nullptr);
  ASSERT_FALSE(known->known_difference.empty());
  for (const std::vector<std::string>& globs :
       {std::vector<std::string>{}, std::vector<std::string>{"*"}}) {
    const auto selected = select_cases(globs);
    ASSERT_TRUE(selected.has_value());
    EXPECT_GE(selected->size(), 30U);
    for (const Case* test : *selected)
      EXPECT_TRUE(test->known_difference.empty()) << test->id;
  }
  EXPECT_THAT(*select_cases({"half-closed-in-silence"}), ElementsAre(known));
  const auto none = select_cases({"half-closed-*"});
  ASSERT_TRUE(none.has_error());
  EXPECT_THAT(none.error().text, HasSubstr("by its full id:"));
}

TEST(LeftOut, IsSaidWithItsReason) {
  EXPECT_THAT(left_out_text(), HasSubstr("refresh_by: bytes: exact in the proxy"));
  EXPECT_THAT(left_out_text(), HasSubstr("one_way_loss"));
  for (const Case& test : all_cases()) {
    EXPECT_EQ(left_out_text().find("    " + test.id + ": ") != std::string::npos,
              !test.known_difference.empty())
        << test.id;
  }
}

}  // namespace
}  // namespace halfopen::conformance

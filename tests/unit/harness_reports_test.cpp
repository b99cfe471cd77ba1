// The reports as data: what stands in the table, the summary and the JUnit file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pugixml.hpp>

#include "harness/shell/report/incident_table.hpp"
#include "harness/shell/report/junit.hpp"
#include "harness/shell/report/summary.hpp"

namespace halfopen {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Plan matrix_plan() {
  Plan plan;
  plan.name = "incident";
  plan.file = "incident.yaml";
  plan.axes = {{"cause", {{"drop", "NAT that drops"}}},
               {"defence", {{"none", "none"}, {"all", "all"}}}};
  for (const char* defence : {"none", "all"}) {
    PlannedRun run;
    run.id = std::string("incident[cause=drop,defence=") + defence + "]";
    run.cell = {{"cause", "drop"}, {"defence", defence}};
    plan.runs.push_back(run);
  }
  ReportSpec report;
  report.rows = "cause";
  report.columns = "defence";
  report.undefended = "none";
  plan.report = report;
  return plan;
}

RunResult passed(const std::string& id) {
  RunResult result;
  result.run_id = id;
  result.verdict = Verdict::kPass;
  ExpectationResult expectation;
  expectation.id = "delivered";
  expectation.verdict = Verdict::kPass;
  result.expectations = {expectation};
  return result;
}

TEST(IncidentTable, ACellTellsErrorsDetectionAndLoss) {
  const Plan plan = matrix_plan();
  PlanResults results{&plan, {passed(plan.runs[0].id), passed(plan.runs[1].id)}};
  DeathStory lost;
  lost.first_error = "EPIPE";
  lost.second_error = "EPIPE";
  lost.detected_by = "broken_pipe";
  lost.detected_after = std::chrono::milliseconds(6000);
  lost.votes_cast = 3;
  lost.votes_lost = 3;
  results.runs[0].story = lost;
  DeathStory fine;
  fine.votes_cast = 3;
  results.runs[1].story = fine;
  const std::string table = incident_table(results, 200);
  EXPECT_THAT(table, HasSubstr("EPIPE, EPIPE"));
  EXPECT_THAT(table, HasSubstr("broken_pipe"));
  EXPECT_THAT(table, HasSubstr("after 6.0 s"));
  EXPECT_THAT(table, HasSubstr("lost 3/3, never back"));
  EXPECT_THAT(table, HasSubstr("link stayed up"));
  EXPECT_THAT(table, HasSubstr("lost 0/3"));
  EXPECT_THAT(table, Not(HasSubstr("!EPIPE")));
}

TEST(IncidentTable, ACellThatDidNotPassIsMarked) {
  const Plan plan = matrix_plan();
  PlanResults results{&plan, {passed(plan.runs[0].id), passed(plan.runs[1].id)}};
  results.runs[0].verdict = Verdict::kFail;
  results.runs[0].story = DeathStory{};
  results.runs[1].verdict = Verdict::kInconclusive;
  const std::string table = incident_table(results, 200);
  EXPECT_THAT(table, HasSubstr("!no error"));
  EXPECT_THAT(table, HasSubstr("INCONCLUSIVE"));
}

TEST(IncidentTable, ANarrowTerminalGetsAList) {
  const Plan plan = matrix_plan();
  PlanResults results{&plan, {passed(plan.runs[0].id), passed(plan.runs[1].id)}};
  results.runs[0].story = DeathStory{};
  const std::string list = incident_table(results, 60);
  EXPECT_THAT(list, HasSubstr("NAT that drops\n  none"));
  EXPECT_THAT(list, Not(HasSubstr("|")));
}

TEST(IncidentTable, TheDiagnosisNamesWhatSavedEveryVote) {
  Plan plan = matrix_plan();
  plan.report->log_text = "02:29:17 Broken pipe\n";
  PlanResults results{&plan, {passed(plan.runs[0].id), passed(plan.runs[1].id)}};
  results.runs[0].story = DeathStory{};
  results.runs[0].story->votes_lost = 1;
  results.runs[1].story = DeathStory{};
  EXPECT_THAT(diagnosis_text(results, 200), HasSubstr("no vote to any cause here: \"all\"."));
  results.runs[1].verdict = Verdict::kInconclusive;
  EXPECT_THAT(diagnosis_text(results, 200), HasSubstr("no vote to any cause here: nothing."));
}

// A strict parser refuses what pugixml's own lets through, so the text itself is looked at too.
TEST(JUnit, WhatAProcessSaidCannotBreakIt) {
  const Plan plan = matrix_plan();
  PlanResults results{&plan, {passed(plan.runs[0].id)}};
  results.runs[0].expectations[0].verdict = Verdict::kFail;
  results.runs[0].expectations[0].seen = "a\x1b[31m\x01 <b>\xFF ]]> c";
  const std::string text = junit_xml({results});
  pugi::xml_document document;
  ASSERT_TRUE(document.load_string(text.c_str()));
  const std::string bad = "\xEF\xBF\xBD";
  const auto failure =
      document.child("testsuites").child("testsuite").child("testcase").child("failure");
  EXPECT_EQ(failure.attribute("message").as_string(),
            "a" + bad + "[31m" + bad + " <b>" + bad + " ]]> c");
  for (const char* reference : {"&#1;", "&#01;", "&#27;", "\x1b", "\x01", "\xFF"})
    EXPECT_THAT(text, Not(HasSubstr(reference)));
}

TEST(JUnit, OneTestcaseAnExpectationAndSkippedWhenInconclusive) {
  const Plan plan = matrix_plan();
  PlanResults results{&plan, {passed(plan.runs[0].id), passed(plan.runs[1].id)}};
  results.runs[0].expectations[0].verdict = Verdict::kFail;
  results.runs[0].expectations[0].seen = "1 < 2 & \"more\"";
  results.runs[1].expectations.clear();
  results.runs[1].verdict = Verdict::kInconclusive;
  results.runs[1].reason = "nft is missing";
  pugi::xml_document document;
  ASSERT_TRUE(document.load_string(junit_xml({results}).c_str()));
  const auto suites = document.child("testsuites");
  EXPECT_EQ(suites.attribute("tests").as_int(), 2);
  EXPECT_EQ(suites.attribute("failures").as_int(), 1);
  EXPECT_EQ(suites.attribute("skipped").as_int(), 1);
  const auto first = suites.child("testsuite").child("testcase");
  EXPECT_STREQ(first.child("failure").attribute("message").as_string(), "1 < 2 & \"more\"");
  EXPECT_STREQ(first.next_sibling().child("skipped").attribute("message").as_string(),
               "nft is missing");
}

TEST(JUnit, AStalledRunsVerdictsAreSkipped) {
  const Plan plan = matrix_plan();
  PlanResults results{&plan, {passed(plan.runs[0].id)}};
  results.runs[0].stalled = true;
  results.runs[0].verdict = Verdict::kInconclusive;
  results.runs[0].reason = "late";
  EXPECT_THAT(junit_xml({results}), HasSubstr("<skipped"));
}

TEST(Summary, ANoteIsToldAlsoOfARunThatPassed) {
  RunResult run = passed("incident[cause=drop]");
  run.note = "the capture of n1-n2 lost 3 packets";
  EXPECT_THAT(why(run, 200), HasSubstr("n1-n2 lost 3 packets"));
}

}  // namespace
}  // namespace halfopen

// What `halfopen run` ends with, as text: five lines a failure, flakes, JSON, GitHub's forms.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "harness/model/kernel_word.hpp"
#include "harness/shell/exit_code.hpp"
#include "harness/shell/kept_lab.hpp"
#include "harness/shell/report/github.hpp"
#include "harness/shell/report/json_report.hpp"
#include "harness/shell/report/junit.hpp"
#include "harness/shell/report/summary.hpp"

namespace halfopen {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

class RunReports : public ::testing::Test {
 protected:
  RunReports() {
    plan_.name = "idle";
    plan_.claim = "a claim";
    plan_.file = "/repo/scenarios/idle.yaml";
    PlannedRun run;
    run.id = "idle";
    Expectation delivered;
    delivered.id = "delivered";
    delivered.mark.line = 17;
    run.scenario.expectations.push_back(delivered);
    plan_.runs.push_back(run);
    run.id = "idle/control:off";
    run.control = "off";
    plan_.runs.push_back(run);
    summary_.seed = 42;
    summary_.world = "proxy";
    summary_.plans.push_back({&plan_, {result("idle", Verdict::kPass)}});
  }

  static RunResult result(const std::string& id, Verdict verdict) {
    RunResult run;
    run.run_id = id;
    run.verdict = verdict;
    run.seconds = 3.2;
    run.directory = "/runs/" + id;
    ExpectationResult expectation;
    expectation.id = "delivered";
    expectation.verdict = verdict;
    expectation.expected = "eventually acked == 2";
    expectation.seen = "acked 0";
    expectation.evidence = {"+1.0s n1 send to n2: OK", "+2.0s n1 send to n2: EPIPE"};
    expectation.kernel = "n1 to n2, +2.0s: EPIPE";
    run.expectations = {expectation};
    return run;
  }
  std::vector<RunResult>& runs() { return summary_.plans.front().runs; }

  Plan plan_;
  RunSummary summary_;
};

TEST_F(RunReports, AFailureIsExplainedInFiveLines) {
  RunResult failed = result("idle", Verdict::kFail);
  const CommandParts parts{"halfopen", {"--world kernel"}};
  failed.again = repeat_command(parts, plan_, failed, 42);
  const std::string text = why(failed, 500);
  EXPECT_EQ(text,
            "FAIL            3.2 s  idle\n"
            "  expected: delivered: eventually acked == 2\n"
            "  seen:     acked 0\n"
            "  around:   +1.0s n1 send to n2: OK | +2.0s n1 send to n2: EPIPE\n"
            "  evidence: n1 to n2, +2.0s: EPIPE; all of it in /runs/idle\n"
            "  again:    halfopen run /repo/scenarios/idle.yaml --run idle --seed 42 --world "
            "kernel\n");
}

TEST_F(RunReports, ARepetitionIsPlayedAgainWithItsOwnSeed) {
  RunResult second = result("idle", Verdict::kFail);
  second.repetition = 1;
  EXPECT_EQ(repeat_command({"halfopen", {}}, plan_, second, 7),
            "halfopen run /repo/scenarios/idle.yaml --run 'idle#2' --seed 7");
}

TEST_F(RunReports, AnInconclusiveRunsTestcasesAreSkippedWithItsReason) {
  runs().front().verdict = Verdict::kInconclusive;
  runs().front().reason = "the kernel refused a filter";
  const std::string xml = junit_xml(summary_.plans);
  EXPECT_THAT(xml, HasSubstr("<skipped message=\"the kernel refused a filter\""));
  EXPECT_THAT(xml, Not(HasSubstr("skipped=\"0\"")));
}

TEST_F(RunReports, TheReportsSentenceSaysWhyWhereNoReasonDoes) {
  RunResult failed = result("idle", Verdict::kFail);
  failed.headline = "n1 to n2 died silently at +3.0 s";
  EXPECT_THAT(why(failed, 200), HasSubstr("  why:      n1 to n2 died silently"));
  failed.reason = "the machine stalled";
  EXPECT_THAT(why(failed, 200), Not(HasSubstr("died silently")));
}

TEST_F(RunReports, WhatWasNotRunIsToldOnceAReason) {
  EXPECT_EQ(left_out_text(summary_), "");
  for (int i = 0; i < 5; ++i) {
    runs().push_back(result("idle", Verdict::kInconclusive));
    runs().back().is_left_out = true;
    runs().back().reason = "not run: interrupted";
  }
  EXPECT_EQ(left_out_text(summary_), "5 runs not run: interrupted: idle, idle, idle, ...\n");
}

TEST_F(RunReports, OneThatPassedSaysNothing) {
  EXPECT_EQ(why(runs().front(), 80), "");
}

TEST_F(RunReports, TheFirstThatFailedIsToldAndTheOthersAreNamed) {
  RunResult failed = result("idle", Verdict::kFail);
  failed.expectations.push_back(failed.expectations.front());
  failed.expectations.back().id = "stored";
  failed.expectations.insert(failed.expectations.begin(), failed.expectations.front());
  failed.expectations.front().id = "undecided";
  failed.expectations.front().verdict = Verdict::kInconclusive;
  failed.again = "command";
  const std::string text = why(failed, 200);
  EXPECT_THAT(text, HasSubstr("expected: delivered:"));
  EXPECT_THAT(text, HasSubstr("acked 0; also failed: stored\n"));
}

TEST_F(RunReports, LongLinesAreFoldedUnderTheirTextAndTheCommandIsNot) {
  RunResult failed = result("idle", Verdict::kFail);
  failed.expectations.front().seen = "one two three four five six seven eight nine ten eleven";
  const std::string command(120, 'x');
  failed.again = command;
  const std::string text = why(failed, 50);
  EXPECT_THAT(text, HasSubstr("  seen:     one two three four five six seven\n            eight"));
  EXPECT_THAT(text, HasSubstr("again:    " + command + "\n"));
}

TEST_F(RunReports, ShellWordsAreQuotedWhereTheyMustBe) {
  EXPECT_EQ(shell_word("a-b/c.yaml"), "a-b/c.yaml");
  EXPECT_EQ(shell_word("name[cause=drop]"), "'name[cause=drop]'");
  EXPECT_EQ(shell_word("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_word(""), "''");
}

TEST_F(RunReports, ARunThatChangesItsVerdictIsFlaky) {
  EXPECT_EQ(flake_text(summary_), "");  // nothing was repeated
  for (const Verdict verdict : {Verdict::kPass, Verdict::kFail}) {
    runs().push_back(result("idle", verdict));
    runs().back().repetition = static_cast<unsigned>(runs().size()) - 1;
  }
  EXPECT_THAT(flake_text(summary_), HasSubstr("FLAKY    2 of 3 passed, 1 failed"));
  EXPECT_THAT(flake_text(summary_), HasSubstr("1 of 1 repeated runs changed their verdict (100.0"));
  EXPECT_EQ(full_name(runs().back()), "idle#3");
}

TEST_F(RunReports, PredictionsThatCameOtherwiseAreTold) {
  EXPECT_EQ(prediction_text(summary_), "");
  runs().front().predictions = 4;
  EXPECT_EQ(prediction_text(summary_),
            "What halfopen explain predicts came true in 4 of 4 facts.\n");
  runs().front().mispredictions = {"n1 to n2, fate: predicted survives, measured dies"};
  EXPECT_EQ(prediction_text(summary_),
            "What halfopen explain predicts came true in 3 of 4 facts; not in\n"
            "  idle: n1 to n2, fate: predicted survives, measured dies\n");
}

TEST_F(RunReports, TheExitStatusIsTheWorstThatHappened) {
  EXPECT_EQ(exit_status(summary_), kExitPass);
  runs().push_back(result("idle/control:off", Verdict::kInconclusive));
  EXPECT_EQ(exit_status(summary_), kExitInconclusive);
  runs().push_back(result("idle/control:off", Verdict::kFail));
  EXPECT_EQ(exit_status(summary_), kExitFail);
  runs().back().bad_input = true;
  EXPECT_EQ(exit_status(summary_), kExitBadInput);
  runs().back().internal_error = true;
  EXPECT_EQ(exit_status(summary_), kExitInternal);
  summary_.was_interrupted = true;
  EXPECT_EQ(exit_status(summary_), kExitInterrupted);
}

TEST_F(RunReports, JsonHasEveryRunAndExpectation) {
  runs().push_back(result("idle/control:off", Verdict::kFail));
  const auto report = boost::json::parse(json_report(summary_)).as_object();
  EXPECT_EQ(report.at("version").as_int64(), 1);
  EXPECT_EQ(report.at("exit_status").as_int64(), 1);
  const auto& scenario = report.at("scenarios").as_array().at(0).as_object();
  const auto& run = scenario.at("runs").as_array().at(1).as_object();
  EXPECT_EQ(run.at("control").as_string(), "off");
  EXPECT_EQ(run.at("verdict").as_string(), "FAIL");
  EXPECT_EQ(run.at("expectations").as_array().at(0).as_object().at("kernel").as_string(),
            "n1 to n2, +2.0s: EPIPE");
}

TEST_F(RunReports, AnnotationsStandAtTheExpectationsLine) {
  runs().push_back(result("idle", Verdict::kFail));
  runs().back().expectations.front().seen = "50%\n::error::injected";
  EXPECT_EQ(github_annotations(summary_, "/repo"),
            "::error file=scenarios/idle.yaml,line=17,title=idle%3A delivered::expected: "
            "eventually acked == 2%0Aseen: 50%25%0A::error::injected\n");
}

TEST_F(RunReports, AReasonIsAnnotatedOnceAndTenOfAKindAreEnough) {
  for (int i = 0; i < 30; ++i) {
    runs().push_back(result("idle", Verdict::kInconclusive));
    runs().back().reason = "no CAP_NET_ADMIN";
  }
  const std::string text = github_annotations(summary_, "");
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 10);
  EXPECT_THAT(text, HasSubstr("::warning file=/repo/scenarios/idle.yaml,line=1,"));
}

TEST_F(RunReports, AnAnnotationTellsTheStoryAndTheCommand) {
  runs().push_back(result("idle", Verdict::kFail));
  runs().back().headline = "n1→n2 died silently";
  runs().back().again = "halfopen run idle.yaml";
  EXPECT_THAT(github_annotations(summary_, "/repo"),
              AllOf(HasSubstr("::n1→n2 died silently%0Aexpected: "),
                    EndsWith("%0Aagain: halfopen run idle.yaml\n")));
  EXPECT_THAT(github_step_summary(summary_),
              HasSubstr("| n1→n2 died silently; delivered: acked 0 | "
                        "<code>halfopen run idle.yaml</code> |"));
  EXPECT_THAT(junit_xml(summary_.plans), AllOf(HasSubstr("n1→n2 died silently\nexpected: "),
                                               HasSubstr("\nagain: halfopen run idle.yaml<")));
}

TEST_F(RunReports, ABadFileIsAnnotatedAtItsPlace) {
  const std::vector<Problem> problems{Problem{"/repo/a:b.yaml:3:14: nat: no such word\nat all"},
                                      Problem{"a plain complaint: 3"}, Problem{":1:1: x"}};
  EXPECT_EQ(github_annotations(problems, "/repo"),
            "::error file=a%3Ab.yaml,line=3,col=14,title=not a scenario::"
            "nat: no such word%0Aat all\n");
}

TEST_F(RunReports, TheTimesOfTestcasesAddUpToTheSuites) {
  runs().front().seconds = 2.5;
  runs().front().expectations.push_back(runs().front().expectations.front());
  const std::string xml = junit_xml(summary_.plans);
  EXPECT_THAT(xml, HasSubstr("name=\"delivered\" time=\"2.5\""));
  EXPECT_THAT(xml, HasSubstr("name=\"delivered\" time=\"0\""));
}

TEST_F(RunReports, TheStepSummaryIsATableThatNoTextBreaks) {
  EXPECT_THAT(github_step_summary(summary_), HasSubstr("Every run passed."));
  runs().push_back(result("idle", Verdict::kFail));
  runs().back().expectations.front().seen = "a | b <script>";
  EXPECT_THAT(github_step_summary(summary_),
              HasSubstr("| FAIL | idle | delivered: a &#124; b &lt;script&gt; |"));
  runs().back().expectations.front().seen =
      "\\| ![x](http://a.b/c) `x`\r\x1b[1m **b** " + std::string(500, 'x');
  const std::string text = github_step_summary(summary_);
  EXPECT_THAT(text, HasSubstr("delivered: &#92;&#124; !&#91;x&#93;(http://a.b/c) &#96;x&#96;  "
                              "&#91;1m &#42;&#42;b&#42;&#42; xxx"));
  EXPECT_THAT(text, HasSubstr("x... |"));
}

TEST(KernelWord, IsTheLastOfTheEndUpToTheMoment) {
  RunRecord record;
  record.whole.begin = Instant::from_nanoseconds(0);
  const auto at = [](int milliseconds) {
    return Instant::from_nanoseconds(milliseconds * 1'000'000LL);
  };
  const auto add = [&](int milliseconds, const std::string& event, boost::json::object fields) {
    record.events.push_back({at(milliseconds), "vote-node", "n1", event, std::move(fields)});
  };
  EXPECT_EQ(kernel_word(record, at(100)), "");
  add(1000, "send", {{"peer", "n2"}, {"result", "EPIPE"}});
  add(1500, "connection_closed",
      {{"peer", "n2"},
       {"errno", "EPIPE"},
       {"tcp_info", boost::json::object{{"state", "CLOSE"}, {"unacked", 1}}}});
  add(9000, "send", {{"peer", "n2"}, {"result", "ECONNRESET"}});
  EXPECT_EQ(kernel_word(record, at(1200)), "n1 to n2, +1.000s: EPIPE");
  EXPECT_EQ(kernel_word(record, at(5000)), "n1 to n2, +1.500s: EPIPE; TCP_INFO CLOSE unacked=1");
  EXPECT_EQ(kernel_word(record, at(500)), "");
}

TEST(KeptLab, ItsLineComesBackAsItWas) {
  KeptLab lab;
  lab.result.run_id = "idle";
  lab.result.verdict = Verdict::kFail;
  lab.processes = {{"n1", 5, "127.0.1.1:8000", false}, {"router", 6, "", true}};
  const auto back = kept_lab_from_json(to_json(lab));
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->result.verdict, Verdict::kFail);
  EXPECT_EQ(back->processes.at(0).http, "127.0.1.1:8000");
  EXPECT_TRUE(back->processes.at(1).has_own_network);
  EXPECT_TRUE(kept_lab_from_json({{"type", "kept"}}).has_error());
  EXPECT_THAT(kept_lab_text(*back, "/runs/idle"), HasSubstr("curl http://127.0.1.1:8000/metrics"));
}

}  // namespace
}  // namespace halfopen

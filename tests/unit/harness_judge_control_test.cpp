// Controls: what must fail in them, as a whole or by one of its parts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/harness_judge_scenario.hpp"

namespace halfopen {
namespace {

using test::judged;
using test::RecordBuilder;
using test::scenario_of;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

TEST(JudgeControl, WhatPassesProvesNothing) {
  std::vector<ExpectationResult> results(3);
  results[0].id = "a";
  results[0].verdict = Verdict::kFail;
  results[1].id = "b";
  results[1].verdict = Verdict::kPass;
  results[2].id = "c";
  results[2].verdict = Verdict::kInconclusive;
  const auto verdicts = judge_control({"b", "a", "c", "d"}, results);
  ASSERT_THAT(verdicts, SizeIs(4));
  EXPECT_EQ(verdicts[0].verdict, Verdict::kFail);
  EXPECT_THAT(verdicts[0].seen, HasSubstr("proves nothing"));
  EXPECT_EQ(verdicts[1].verdict, Verdict::kPass);
  EXPECT_EQ(verdicts[2].verdict, Verdict::kInconclusive);
  EXPECT_EQ(verdicts[3].verdict, Verdict::kFail) << "an id that does not exist";
  EXPECT_EQ(combine(verdicts), Verdict::kFail);
  EXPECT_EQ(combine({results[1], results[2]}), Verdict::kInconclusive);
  EXPECT_EQ(combine({}), Verdict::kPass);
}

TEST(JudgeControl, APartFailsForItself) {
  RecordBuilder run(5);
  run.cast(2, "n1", "aa").stored(2.1, "n2", "n1", "aa").stored(2.2, "n2", "n1", "aa");
  const Invariants two{{Invariant::kNoLostVotes, Invariant::kNoDuplicates}};
  const auto results = judge(scenario_of(two), run.record());
  EXPECT_THAT(results.at(0).seen, StartsWith("no_duplicates: "));
  const auto verdicts =
      judge_control({"it", "it.no_duplicates", "it.no_lost_votes", "it.x", "x.y"}, results);
  ASSERT_THAT(verdicts, SizeIs(5));
  EXPECT_EQ(verdicts[0].verdict, Verdict::kPass);
  EXPECT_EQ(verdicts[1].verdict, Verdict::kPass);
  EXPECT_EQ(verdicts[1].id, "it.no_duplicates");
  EXPECT_EQ(verdicts[1].expected, "must fail: no_duplicates of its text");
  EXPECT_EQ(verdicts[2].verdict, Verdict::kFail) << "another part's failure is none of this one";
  EXPECT_THAT(verdicts[2].seen, HasSubstr("proves nothing"));
  EXPECT_EQ(verdicts[3].verdict, Verdict::kFail);
  EXPECT_EQ(verdicts[4].verdict, Verdict::kFail);
}

TEST(JudgeControl, AllThatFailedIsNamed) {
  RecordBuilder run(5);
  run.cast(2, "n1", "aa").cast(2, "n1", "bb");
  run.stored(2.1, "n2", "n1", "aa").stored(2.2, "n2", "n1", "aa");
  const Invariants both{{Invariant::kNoDuplicates, Invariant::kNoLostVotes}};
  EXPECT_THAT(judged(both, run).seen,
              AllOf(StartsWith("no_lost_votes: "), EndsWith("; also failed: no_duplicates")));
}

TEST(JudgeControl, ARunInWhichNothingHappenedProvesNothing) {
  RecordBuilder idle(5);
  const std::vector<ExpectationBody> bodies{SendSequence{"n1", "n2", {{"OK", "EPIPE"}}},
                                            DetectedBy{"n1", "n2", {"eof"}}};
  for (const ExpectationBody& body : bodies) {
    const auto verdicts = judge_control({"it"}, judge(scenario_of(body), idle.record()));
    ASSERT_THAT(verdicts, SizeIs(1));
    EXPECT_EQ(verdicts[0].verdict, Verdict::kInconclusive) << verdicts[0].seen;
  }
}

}  // namespace
}  // namespace halfopen

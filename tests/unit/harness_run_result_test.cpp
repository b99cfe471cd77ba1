#include "harness/shell/run_result.hpp"

#include <gtest/gtest.h>

namespace halfopen {
namespace {

TEST(RunResult, SurvivesTheWayFromTheWorkerToTheCoordinator) {
  RunResult result;
  result.run_id = "x[cause=a]";
  result.verdict = Verdict::kFail;
  result.reason = "because";
  result.stalled = true;
  result.note = "a capture lost packets";
  result.seconds = 1.5;
  ExpectationResult expectation;
  expectation.id = "delivered";
  expectation.verdict = Verdict::kFail;
  expectation.expected = "2";
  expectation.seen = "1";
  expectation.moment = Instant::from_nanoseconds(1'234'567'890'123);
  expectation.evidence = {"one", "two"};
  result.expectations = {expectation};
  DeathStory story;
  story.sends = {"OK", "EPIPE"};
  story.first_error = "EPIPE";
  story.votes_lost = 3;
  story.recovered_after = std::chrono::milliseconds(1500);
  result.story = story;

  const auto back = run_result_from_json(to_json(result));
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(to_json(*back), to_json(result));
  EXPECT_EQ(back->expectations.at(0).moment, expectation.moment);
  EXPECT_EQ(back->story->recovered_after, story.recovered_after);
}

TEST(RunResult, AnUnreadableResultIsAProblemAndNotACrash) {
  EXPECT_TRUE(run_result_from_json({{"type", "result"}}).has_error());
  EXPECT_TRUE(run_result_from_json({{"run", 7}}).has_error());
}

}  // namespace
}  // namespace halfopen

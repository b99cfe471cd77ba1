// Prediction beside measurement.
#include <gtest/gtest.h>

#include "harness/model/prediction/comparison.hpp"
#include "tests/unit/harness_judge_record.hpp"

namespace halfopen {
namespace {

using std::chrono::seconds;
using Fate = EndPrediction::Fate;

Prediction of(Fate fate, std::vector<std::string> reasons) {
  EndPrediction end;
  end.link = "n1-n2";
  end.node = "n1";
  end.peer = "n2";
  end.fate = fate;
  if (fate != Fate::kSurvives) {
    end.death =
        ExpectedDeath{std::move(reasons), seconds(2), seconds(3), seconds(2), "vote", false};
  }
  return {{end}};
}

test::RecordBuilder death(const std::string& reason, double since_life_ms) {
  test::RecordBuilder builder(10);
  builder.transition(1, "Handshaking", "Healthy", "hello");
  builder.transition(5, "Healthy", "Closed", reason, {{"since_life_ms", since_life_ms}});
  return builder;
}

TEST(Compare, AgreesOnReasonAndTime) {
  const auto check = compare(of(Fate::kDies, {"reset"}), death("reset", 2500).record());
  ASSERT_EQ(check.rows.size(), 2U);
  EXPECT_TRUE(check.agrees());
  EXPECT_EQ(check.rows[0].measured, "reset");
}

TEST(Compare, AnotherReasonOrTimeDisagrees) {
  EXPECT_FALSE(compare(of(Fate::kDies, {"reset"}), death("eof", 2500).record()).rows.at(0).agrees);
  EXPECT_FALSE(
      compare(of(Fate::kDies, {"reset"}), death("reset", 9000).record()).rows.at(1).agrees);
  EXPECT_FALSE(compare(of(Fate::kSurvives, {}), death("reset", 2500).record()).agrees());
}

TEST(Compare, NothingFoundIsAPredictionToo) {
  test::RecordBuilder quiet(10);
  EXPECT_TRUE(compare(of(Fate::kDies, {}), quiet.record()).agrees());
  EXPECT_FALSE(compare(of(Fate::kDies, {"reset"}), quiet.record()).agrees());
  EXPECT_FALSE(compare(of(Fate::kDies, {}), death("reset", 2500).record()).agrees());
  EXPECT_TRUE(compare(of(Fate::kSurvives, {}), quiet.record()).agrees());
  EXPECT_TRUE(compare(of(Fate::kRaces, {"reset"}), quiet.record()).agrees()) << "a race may end so";
}

TEST(Compare, AShutdownIsNoDeathAndTheUnknownHasNoRows) {
  EXPECT_TRUE(compare(of(Fate::kSurvives, {}), death("shutdown", 1).record()).agrees());
  EXPECT_TRUE(compare(of(Fate::kUnknown, {}), death("reset", 1).record()).rows.empty());
}

}  // namespace
}  // namespace halfopen

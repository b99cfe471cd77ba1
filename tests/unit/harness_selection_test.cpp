// Which runs are played.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/model/selection.hpp"

namespace halfopen {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Plan plan(const std::string& name, const std::vector<std::string>& tags) {
  Plan made;
  made.name = name;
  for (const char* end : {"", "[cause=drop]", "/control:off"}) {
    PlannedRun run;
    run.id = name + end;
    run.scenario.tags = tags;
    made.runs.push_back(run);
  }
  return made;
}

class SelectionTest : public ::testing::Test {
 protected:
  std::vector<std::string> chosen(const Selection& selection) {
    const auto runs = choose_runs({&one_, &two_}, selection);
    if (runs.has_error()) return {"error: " + runs.error().text};
    std::vector<std::string> ids;
    for (const ChosenRun& run : *runs)
      ids.push_back((run.plan == 0 ? one_ : two_).runs[run.run].id);
    return ids;
  }
  Plan one_ = plan("keepalive-refreshes", {"keepalive", "nat"});
  Plan two_ = plan("ping-refreshes", {"ping", "nat", "slow"});
};

TEST_F(SelectionTest, WithoutWordsEverythingIsPlayed) {
  EXPECT_EQ(chosen({}).size(), 6U);
}

TEST_F(SelectionTest, AScenariosNameStandsForAllItsRuns) {
  EXPECT_THAT(
      chosen({{"ping-*"}, {}, {}}),
      ElementsAre("ping-refreshes", "ping-refreshes[cause=drop]", "ping-refreshes/control:off"));
}

TEST_F(SelectionTest, ARunIsChosenByItsIdWhateverBracketsItHas) {
  EXPECT_THAT(chosen({{"ping-refreshes[cause=drop]"}, {}, {}}),
              ElementsAre("ping-refreshes[cause=drop]"));
  EXPECT_THAT(chosen({{"*/control:*"}, {}, {}}),
              ElementsAre("keepalive-refreshes/control:off", "ping-refreshes/control:off"));
}

TEST_F(SelectionTest, TagsChooseAndExclude) {
  EXPECT_EQ(chosen({{}, {"nat"}, {}}).size(), 6U);
  EXPECT_EQ(chosen({{}, {"nat", "!slow"}, {}}).front(), "keepalive-refreshes");
  EXPECT_EQ(chosen({{}, {"nat", "!slow"}, {}}).size(), 3U);
  EXPECT_EQ(chosen({{}, {"!keepalive"}, {}}).front(), "ping-refreshes");
}

TEST_F(SelectionTest, OneRunIsChosenByItsWholeId) {
  EXPECT_THAT(chosen({{}, {}, {"ping-refreshes"}}), ElementsAre("ping-refreshes"));
  EXPECT_THAT(chosen({{}, {}, {"ping-refreshes[cause=drop]#3"}}),
              ElementsAre("ping-refreshes[cause=drop]"));
  EXPECT_EQ(choose_runs({&one_, &two_}, {{}, {}, {"ping-refreshes#3"}})->front().repetition, 2U);
  EXPECT_THAT(chosen({{}, {}, {"ping-refreshs"}}).front(), HasSubstr("\"ping-refreshes\""));
  EXPECT_THAT(chosen({{}, {}, {"ping-refreshes#0"}}).front(), HasSubstr("from 1 on"));
  EXPECT_THAT(chosen({{}, {}, {"ping-refreshes#x"}}).front(), HasSubstr("from 1 on"));
}

TEST_F(SelectionTest, WhatNamesNothingIsAnErrorWithTheNearestName) {
  EXPECT_THAT(chosen({{"ping-refreshs"}, {}, {}}).front(),
              HasSubstr("did you mean \"ping-refreshes\""));
  EXPECT_THAT(chosen({{}, {"kepalive"}, {}}).front(), HasSubstr("did you mean \"keepalive\""));
  EXPECT_THAT(chosen({{}, {""}, {}}).front(), HasSubstr("a tag is empty"));
  EXPECT_THAT(chosen({{"ping-*"}, {"keepalive"}, {}}).front(), HasSubstr("choose no run"));
}

}  // namespace
}  // namespace halfopen

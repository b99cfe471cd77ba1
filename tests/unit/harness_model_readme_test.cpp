// The language's description shows a whole scenario; it must be one. So must the incident's file.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "tests/unit/harness_model_fixture.hpp"

namespace halfopen {
namespace {

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TEST(IncidentScenario, IsGoodWithoutControls) {
  const char* const kFile = HALFOPEN_SCENARIOS "/incidents/2025-11-29-idle-broken-pipe.yaml";
  const auto plan = test::plan_text(text_of(kFile));
  ASSERT_TRUE(plan.has_value()) << plan.error().text;
  EXPECT_EQ(plan->runs.size(), 30U);
}

TEST(ScenarioReadme, ItsFirstExampleIsAGoodScenario) {
  const std::string text = text_of(HALFOPEN_SCENARIOS "/README.md");
  const std::string fence = "```yaml\n";
  const std::size_t begin = text.find(fence);
  ASSERT_NE(begin, std::string::npos);
  const std::size_t end = text.find("```", begin + fence.size());
  const auto plan = test::plan_text(text.substr(begin + fence.size(), end - begin - fence.size()));
  ASSERT_TRUE(plan.has_value()) << plan.error().text;
  EXPECT_EQ(plan->runs.size(), 2U);
}

}  // namespace
}  // namespace halfopen

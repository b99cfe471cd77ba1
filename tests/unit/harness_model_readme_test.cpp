// The language's description shows a whole scenario; it must be one.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "tests/unit/harness_model_fixture.hpp"

namespace halfopen {
namespace {

TEST(ScenarioReadme, ItsFirstExampleIsAGoodScenario) {
  std::ifstream file(HALFOPEN_SCENARIOS_README);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
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

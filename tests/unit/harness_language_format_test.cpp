// `halfopen fmt`: what is laid out anew says the same, and is laid out well.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "harness/model/scenario_format.hpp"
#include "tests/unit/harness_model_fixture.hpp"

namespace halfopen {
namespace {

std::string formatted(const std::string& text) {
  const auto result = format_scenario(text, "lab/a.yaml");
  EXPECT_TRUE(result.has_value()) << (result.has_error() ? result.error().text : "");
  return result.has_value() ? *result : "";
}

void expect_good(const std::string& text) {
  const std::string once = formatted(text);
  EXPECT_TRUE(says_the_same(*parse_yaml(text, "a"), *parse_yaml(once, "a"))) << once;
  EXPECT_EQ(formatted(once), once);
}

TEST(Format, KeysComeInOrderWithTheirComments) {
  EXPECT_EQ(formatted("# of the file\n"
                      "\n"
                      "# why these steps\n"
                      "steps:\n"
                      "- {idle_for: 3s}   \n"
                      "# between\n"
                      "- {idle_for: 4s}\n"
                      "\n"
                      "\n"
                      "claim: x  # beside\n"
                      "name: a\n"
                      "\n"),
            "# of the file\n"
            "\n"
            "name: a\n"
            "\n"
            "claim: x  # beside\n"
            "\n"
            "# why these steps\n"
            "steps:\n"
            "  - {idle_for: 3s}\n"
            "  # between\n"
            "  - {idle_for: 4s}\n");
}

TEST(Format, CommentsAtTheFilesEndsStayThere) {
  EXPECT_EQ(formatted("# about the file\nclaim: x\n# why so called\nname: a\n\n# the end\n"),
            "# about the file\n\n# why so called\nname: a\nclaim: x\n\n# the end\n");
  EXPECT_EQ(formatted("# about the file\nclaim: x\nname: a\n# the end\n"),
            "# about the file\nname: a\nclaim: x\n# the end\n");
  expect_good("# one\n\n# two\nclaim: x\nname: a\n# end\n\n# of the end\n");
}

TEST(Format, IndentationOtherThanTheMarginsIsTheAuthors) {
  const std::string text = "name: a\nsteps:\n - {idle_for: 3s}\nexpect:\n    - {id: x}\n";
  EXPECT_EQ(formatted(text), text);
}

TEST(Format, LeavesBlockTextAsItIs) {
  const std::string text = "claim: |\n  two spaces follow  \n\n\n  end\nname: a\n";
  const std::string once = formatted(text);
  EXPECT_NE(once.find("two spaces follow  \n\n\n  end"), std::string::npos) << once;
  EXPECT_TRUE(once.starts_with("name: a\n")) << once;
}

TEST(Format, WhatIsNoYamlIsAProblem) {
  EXPECT_TRUE(format_scenario("a: [", "x").has_error());
}

TEST(Format, SaysTheSameIsAboutValuesAndTheirOrder) {
  const auto read = [](const char* text) { return *parse_yaml(text, "x"); };
  EXPECT_TRUE(says_the_same(read("{a: 1, b: 2}"), read("b: 2\na: 1")));
  EXPECT_FALSE(says_the_same(read("{a: {c: 1, b: 2}}"), read("{a: {b: 2, c: 1}}")));
  EXPECT_FALSE(says_the_same(read("{a: 1}"), read("{a: '1'}")));
  EXPECT_FALSE(says_the_same(read("{a: [1]}"), read("{a: [1, 2]}")));
}

TEST(Format, EveryScenarioFileKeepsItsMeaning) {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(HALFOPEN_SCENARIOS)) {
    if (entry.path().extension() != ".yaml") continue;
    SCOPED_TRACE(entry.path().string());
    std::ifstream file(entry.path());
    expect_good({std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()});
    ++files;
  }
  EXPECT_GT(files, 10U);
}

// Whoever changes one of them sees only what they changed. (profiles/ is no scenarios.)
TEST(Format, EveryScenarioOfOursIsLaidOutSo) {
  std::size_t files = 0;
  for (const char* folder : {"/regression", "/incidents"}) {
    for (const auto& entry :
         std::filesystem::directory_iterator(std::string(HALFOPEN_SCENARIOS) + folder)) {
      if (entry.path().extension() != ".yaml") continue;
      std::ifstream file(entry.path());
      const std::string text{std::istreambuf_iterator<char>(file),
                             std::istreambuf_iterator<char>()};
      EXPECT_EQ(formatted(text), text) << "halfopen fmt --write " << entry.path().string();
      ++files;
    }
  }
  EXPECT_GT(files, 10U);
}

// Lines of a good file moved, spaced and commented at random.
TEST(Format, NeverChangesTheMeaningAndIsDoneAtOnce) {
  const bool holds = rc::check([] {
    const auto noise = *rc::gen::container<std::vector<int>>(60, rc::gen::inRange(0, 12));
    std::string text;
    std::size_t index = 0;
    for (const char letter : std::string(test::kMatrixScenario)) {
      if (letter == '\n') {
        const int what = noise[index++ % noise.size()];
        if (what == 1) text += "   ";
        if (what == 2) text += "\n\n";
        if (what == 3) text += "  # note";
        if (what == 4) text += "\n# at the margin";
        if (what == 5) text += "\r";
      }
      text += letter;
    }
    const auto before = parse_yaml(text, "a");
    RC_PRE(before.has_value());
    const auto once = format_scenario(text, "a");
    RC_ASSERT(once.has_value());
    RC_ASSERT(says_the_same(*before, *parse_yaml(*once, "a")));
    RC_ASSERT(*format_scenario(*once, "a") == *once);
  });
  EXPECT_TRUE(holds);
}

}  // namespace
}  // namespace halfopen

// Whatever the text is: planning ends, with runs or with one line that begins with the file's name.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/unit/harness_model_fixture.hpp"

namespace halfopen {
namespace {

// One line for a person, or runs that a runner can start.
void check_outcome(const std::string& text) {
  const auto plan = test::plan_text(text);
  if (plan.has_error()) {
    const std::string& message = plan.error().text;
    RC_ASSERT(message.starts_with("lab/a.yaml"));
    RC_ASSERT(message.find('\n') == std::string::npos);
    return;
  }
  RC_ASSERT(!plan->runs.empty());
  for (const PlannedRun& run : plan->runs) {
    RC_ASSERT(!run.scenario.steps.empty());
    RC_ASSERT(!run.scenario.expectations.empty());
    RC_ASSERT(run.control.empty() == run.must_fail.empty());
  }
}

RC_GTEST_PROP(ScenarioProperty, GarbageIsRefusedInOneLine, (const std::string& text)) {
  check_outcome(text);
}

// Pieces of the language in any order: far likelier to get past the YAML parser than random bytes.
RC_GTEST_PROP(ScenarioProperty, ShuffledPiecesOfTheLanguage, ()) {
  const auto pieces = *rc::gen::container<std::vector<std::string>>(
      rc::gen::elementOf(std::vector<std::string>{"name: x\n",
                                                  "claim: y\n",
                                                  "nodes:",
                                                  " {n1: {}, n2: {}}\n",
                                                  "steps:",
                                                  "\n  - ",
                                                  "{id: up, ",
                                                  "idle_for: 3s}",
                                                  "expect:",
                                                  "{id: e, ",
                                                  "always: 'up == 1'}",
                                                  "links:",
                                                  "{between: [n1, n2]}",
                                                  "\n",
                                                  "vars:",
                                                  "{a: 1s}",
                                                  "${a}",
                                                  "\"",
                                                  "[",
                                                  "]",
                                                  "{",
                                                  "}",
                                                  ": ",
                                                  "matrix:",
                                                  "&a ",
                                                  "*a",
                                                  "!!str ",
                                                  "|\n  ",
                                                  "# ",
                                                  "- ",
                                                  "  ",
                                                  "controls:",
                                                  "set: "}));
  std::string text;
  for (const std::string& piece : pieces)
    text += piece;
  check_outcome(text);
}

// A good file with a few bytes changed, removed or doubled.
RC_GTEST_PROP(ScenarioProperty, DamagedFiles, (bool matrix)) {
  std::string text = matrix ? test::kMatrixScenario : test::kPlainScenario;
  const auto wounds = *rc::gen::inRange(1, 6);
  for (int i = 0; i < wounds; ++i) {
    const auto at = static_cast<std::size_t>(*rc::gen::inRange(0, static_cast<int>(text.size())));
    const auto length = static_cast<std::size_t>(*rc::gen::inRange(0, 8));
    const std::string cut = text.substr(at, length);
    switch (*rc::gen::inRange(0, 3)) {
      case 0:
        text.erase(at, length);
        break;
      case 1:
        text.insert(at, cut);
        break;
      default:
        text[at] = *rc::gen::elementOf(std::string(" \n:-[]{}\"'$#&*!|>%@`,0az/"));
        break;
    }
  }
  check_outcome(text);
}

// What is set in a cell or a control is there in its run.
RC_GTEST_PROP(ScenarioProperty, AnOverriddenDurationArrives, ()) {
  const auto milliseconds = *rc::gen::inRange(4'100, 900'000);
  const auto plan =
      test::plan_text(test::kPlainScenario, {{"nat", std::to_string(milliseconds) + "ms"}});
  RC_ASSERT(plan.has_value());
  const auto idle = std::get<IdleFor>(plan->runs.at(0).scenario.steps.at(1).action).duration;
  RC_ASSERT(idle == std::chrono::milliseconds(milliseconds + 2'000));
}

}  // namespace
}  // namespace halfopen

// What tags, seeds, repetitions, cells, the steady state and liveness make of a file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/model/plan_summary.hpp"
#include "harness/worlds/world.hpp"
#include "tests/unit/harness_model_fixture.hpp"

namespace halfopen {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::changed;
using test::message_for;
using test::plan_text;
using ::testing::ElementsAre;

constexpr const char* kHealed = R"(name: healed
claim: what breaks comes back
tags: [smoke, liveness]
seed: 18446744073709551615
repeat: 3
needs: [world:proxy, filter]
nodes:
  n1: {preset: naive}
  n2: {}
  n3: {}
links:
  - {between: [n1, n2], faults: [{nat: {idle_timeout: 30s}}]}
  - {between: [n1, n3]}
steady_state: {condition: 'min(votenode_peer_up) == 1', within: 10s}
steps:
  - {id: cut, set_fault: {link: n1-n2, blackhole: {}}}
  - {id: slow, set_fault: {link: n1-n3, latency: {latency: 10ms}}}
  - {id: fast, clear_fault: {link: n1-n3, name: latency}}
  - {id: down, stop: {node: n3, kind: power_loss}}
  - {id: quiet, idle_for: 2s}
liveness: {within: 20s}
expect:
  - {id: safe, invariant: [no_lost_votes], uncontrolled: a vote is never lost}
controls:
  - {id: c, set: {/nodes/n1: {reconnect: {enabled: false}}}, must_fail: [liveness]}
)";

TEST(Words, SettingsOfAFile) {
  const auto plan = plan_text(kHealed);
  ASSERT_TRUE(plan.has_value()) << plan.error().text;
  EXPECT_EQ(plan->repeat, 3U);
  const Scenario& scenario = plan->runs.at(0).scenario;
  EXPECT_THAT(scenario.tags, ElementsAre("smoke", "liveness"));
  EXPECT_EQ(scenario.seed, UINT64_MAX);
  EXPECT_THAT(scenario.needs, ElementsAre("filter"));
  EXPECT_THAT(scenario.worlds, ElementsAre("proxy"));
  EXPECT_TRUE(check_kind(WorldKind::kProxy, scenario).has_value());
  EXPECT_TRUE(check_kind(WorldKind::kKernel, scenario).has_error());
  EXPECT_TRUE(make_world(WorldKind::kKernel, scenario)->check().has_error());
}

TEST(Words, TheSteadyStateIsTheFirstStep) {
  const auto plan = plan_text(kHealed);
  ASSERT_TRUE(plan.has_value()) << plan.error().text;
  const Step& first = plan->runs.at(0).scenario.steps.front();
  EXPECT_EQ(first.id, "steady-state");
  const auto& wait = std::get<WaitUntil>(first.action);
  EXPECT_EQ(wait.condition.text(), "min(votenode_peer_up) == 1");
  EXPECT_EQ(wait.within, seconds(10));
}

TEST(Words, LivenessHealsWhatStepsBrokeAndIsExpected) {
  const auto plan = plan_text(kHealed);
  ASSERT_TRUE(plan.has_value()) << plan.error().text;
  const Scenario& scenario = plan->runs.at(0).scenario;
  const Step& last = scenario.steps.back();
  EXPECT_EQ(last.id, "liveness");
  const auto& heal = std::get<Heal>(last.action);
  ASSERT_EQ(heal.faults.size(), 1U);  // the latency was cleared, and the NAT is the path itself
  EXPECT_EQ(heal.faults[0].link, "n1-n2");
  EXPECT_EQ(heal.faults[0].fault.name, "blackhole");
  ASSERT_EQ(heal.nodes.size(), 1U);
  EXPECT_EQ(heal.nodes[0].node, "n3");
  const Expectation& expected = scenario.expectations.back();
  EXPECT_EQ(expected.id, "liveness");
  EXPECT_EQ(expected.window.during, "liveness");
  EXPECT_EQ(std::get<HoldsFor>(expected.body).at_least, kSettled);
  EXPECT_TRUE(std::get<HoldsFor>(expected.body).at_end);
  EXPECT_THAT(plan->runs.at(1).must_fail, ElementsAre("liveness"));
}

TEST(Words, HealingInTheProxyWorldClearsAndStarts) {
  const auto plan = plan_text(kHealed);
  ASSERT_TRUE(plan.has_value()) << plan.error().text;
  const Scenario& scenario = plan->runs.at(0).scenario;
  const auto done =
      make_world(WorldKind::kProxy, scenario)->carry_out(scenario.steps.back().action);
  ASSERT_TRUE(done.has_value());
  ASSERT_EQ(done->size(), 3U);
  EXPECT_EQ(std::get<HttpCall>(done->at(0)).method, "DELETE");
  EXPECT_NE(std::get<HttpCall>(done->at(0)).path.find("n1-n2"), std::string::npos);
  EXPECT_EQ(std::get<StartProcess>(done->at(1)).name, "n3");
  EXPECT_NE(std::get<HttpCall>(done->at(2)).path.find("n1-n3"), std::string::npos);
}

TEST(Words, HealingInTheKernelWorldPutsThePowerBack) {
  const auto plan = plan_text(changed(kHealed, "needs: [world:proxy, filter]\n", ""));
  ASSERT_TRUE(plan.has_value()) << plan.error().text;
  const Scenario& scenario = plan->runs.at(0).scenario;
  const auto done =
      make_world(WorldKind::kKernel, scenario)->carry_out(scenario.steps.back().action);
  ASSERT_TRUE(done.has_value());
  ASSERT_EQ(done->size(), 3U);
  EXPECT_TRUE(std::holds_alternative<LoadRules>(done->at(0)));
  EXPECT_EQ(std::get<StartProcess>(done->at(1)).name, "n3");
  EXPECT_TRUE(std::holds_alternative<LoadRules>(done->at(2)));
}

TEST(Words, ASummaryAddsTheLongestTimesUp) {
  const auto plan = plan_text(kHealed);
  ASSERT_TRUE(plan.has_value()) << plan.error().text;
  const PlanSummary summary = summary_of(*plan);
  EXPECT_EQ(summary.longest, seconds(32));
  EXPECT_EQ(summary.runs, 6U);
  EXPECT_EQ(summary.controls, 3U);
}

TEST(Words, IncludeAndExcludeChooseCells) {
  const auto ids = [](const std::string& choice) {
    const std::string text =
        changed(changed(test::kMatrixScenario, "matrix:\n", "matrix:\n" + choice),
                "cell: {cause: power-loss, defence: all}", "cell: {cause: nat-drop, defence: all}");
    const auto plan = plan_text(text);
    EXPECT_TRUE(plan.has_value()) << (plan.has_error() ? plan.error().text : "");
    std::vector<std::string> cells;
    if (plan.has_error()) return cells;
    for (const PlannedRun& run : plan->runs) {
      if (run.control.empty()) cells.push_back(run.cell[0].second + "/" + run.cell[1].second);
    }
    return cells;
  };
  EXPECT_THAT(ids("  exclude: [{cause: power-loss}]\n"),
              ElementsAre("nat-drop/none", "nat-drop/retry", "nat-drop/all"));
  EXPECT_THAT(ids("  include: [{defence: [none, all]}]\n  exclude: [{cause: power-loss, defence: "
                  "all}]\n"),
              ElementsAre("nat-drop/none", "nat-drop/all", "power-loss/none"));
}

TEST(Words, OnlyAnEqualityOfAnExtrapolationIsRefused) {
  const auto with = [](const std::string& condition) {
    return message_for(changed(kHealed, "condition: 'min(votenode_peer_up) == 1'",
                               "condition: '" + condition + "'"));
  };
  EXPECT_EQ(with("increase(a[5s]) > 2"), "the file was accepted");
  EXPECT_EQ(with("increase(a[5s]) == 0"), "the file was accepted");
  EXPECT_EQ(with("count(increase(a[5s]) > 1) == 2"), "the file was accepted");
  EXPECT_EQ(with("changes(a[5s]) == 2"), "the file was accepted");
  EXPECT_NE(with("sum(increase(a[5s])) == 2").find("increase() extrapolates"), std::string::npos);
  EXPECT_NE(with("b == 1 and rate(a[5s]) != 2").find("rate() extrapolates"), std::string::npos);
  EXPECT_NE(with("2 == -delta(a[5s])").find("delta() extrapolates"), std::string::npos);
}

}  // namespace
}  // namespace halfopen

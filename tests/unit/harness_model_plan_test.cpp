// From a file to its runs: what a good file means.
#include "harness/model/plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "tests/unit/harness_model_fixture.hpp"

namespace halfopen {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::changed;
using test::kMatrixScenario;
using test::kPlainScenario;
using test::plan_text;
using testing::ElementsAre;
using testing::Pair;

// The plan, or a test failure that shows the problem.
Plan planned(const std::string& text, const test::Overrides& overrides = {}) {
  auto plan = plan_text(text, overrides);
  EXPECT_TRUE(plan.has_value()) << plan.error().text;
  return plan.has_value() ? std::move(*plan) : Plan{};
}

std::vector<std::string> run_ids(const Plan& plan) {
  std::vector<std::string> ids;
  for (const PlannedRun& run : plan.runs)
    ids.push_back(run.id);
  return ids;
}

const Expectation& expectation(const Scenario& scenario, const std::string& id) {
  for (const Expectation& one : scenario.expectations) {
    if (one.id == id) return one;
  }
  throw std::runtime_error("no expectation " + id);
}

TEST(Plan, SettingsOfAPlainScenario) {
  const Plan plan = planned(kPlainScenario);
  EXPECT_EQ(plan.name, "keepalive-refreshes-mapping");
  EXPECT_EQ(plan.claim, "a keep-alive shorter than the mapping's 3s keeps an idle link alive");
  EXPECT_EQ(plan.file, "lab/a.yaml");
  EXPECT_TRUE(plan.axes.empty());
  EXPECT_FALSE(plan.report.has_value());
  EXPECT_THAT(run_ids(plan), ElementsAre("keepalive-refreshes-mapping",
                                         "keepalive-refreshes-mapping/control:no-keepalive"));
  const Scenario& scenario = plan.runs.at(0).scenario;
  EXPECT_THAT(scenario.needs, ElementsAre("filter", "repair"));
  EXPECT_EQ(scenario.cost, 2U);
  EXPECT_EQ(scenario.scrape_interval, milliseconds(50));
  EXPECT_THAT(scenario.sysctls, ElementsAre(Pair("net.ipv4.tcp_retries2", "3")));
}

TEST(Plan, NodesAndLinks) {
  const Scenario scenario = planned(kPlainScenario).runs.at(0).scenario;
  ASSERT_EQ(scenario.nodes.size(), 2U);
  EXPECT_EQ(scenario.nodes[0].name, "n1");
  EXPECT_EQ(
      boost::json::serialize(scenario.nodes[0].config),
      R"({"preset":"naive","keepalive":{"enabled":true,"idle":"1s","interval":"1s","count":3}})");
  EXPECT_TRUE(scenario.nodes[0].argv.empty());
  EXPECT_TRUE(scenario.nodes[1].config.empty());
  ASSERT_EQ(scenario.links.size(), 1U);
  const LinkSpec& link = scenario.links[0];
  EXPECT_EQ(link.id, "n1-n2");
  EXPECT_EQ(link.dialer, "n1");
  EXPECT_EQ(link.listener, "n2");
  EXPECT_EQ(link.inside, "n1");
  ASSERT_EQ(link.faults.size(), 1U);
  EXPECT_EQ(link.faults[0].name, "nat");
  EXPECT_EQ(link.faults[0].type, "nat");
  EXPECT_EQ(boost::json::serialize(link.faults[0].attributes),
            R"({"idle_timeout":"3s","on_next_packet":"drop"})");
}

TEST(Plan, LinkEndsHaveDefaultsAndFaultsMayBeNamed) {
  std::string text = changed(kMatrixScenario, "between: [n1, n2], faults: []",
                             "between: [n1, n2], inside: n2, faults: [{blackhole: {name: wall}}]");
  text = changed(text, "  - {id: vote,",
                 "  - {clear_fault: {link: n1-n2, name: wall}, when: "
                 "{cause: power-loss}}\n  - {id: vote,");
  const Scenario scenario = planned(text).runs.at(3).scenario;
  EXPECT_EQ(scenario.links[0].dialer, "n1");
  EXPECT_EQ(scenario.links[0].listener, "n2");
  EXPECT_EQ(scenario.links[0].inside, "n2");
  EXPECT_EQ(scenario.links[0].faults[0].name, "wall");
  EXPECT_EQ(scenario.links[0].faults[0].type, "blackhole");
  EXPECT_FALSE(scenario.links[0].faults[0].attributes.contains("name"));
  EXPECT_EQ(planned(kMatrixScenario).runs.at(3).scenario.links[0].inside, "n1");
}

TEST(Plan, StepsInOrderWithPositionsAsDefaultIds) {
  const Scenario scenario = planned(kPlainScenario).runs.at(0).scenario;
  ASSERT_EQ(scenario.steps.size(), 6U);  // the crash belongs to pace=real
  EXPECT_EQ(std::get<WaitUntil>(scenario.steps[0].action).within, seconds(10));
  EXPECT_EQ(std::get<IdleFor>(scenario.steps[1].action).duration, seconds(5));
  const auto& cast = std::get<CastVotes>(scenario.steps[2].action);
  EXPECT_EQ(cast.node, "n1");
  EXPECT_EQ(cast.count, 2U);
  EXPECT_EQ(cast.every, milliseconds(200));
  EXPECT_EQ(std::get<SetFault>(scenario.steps[3].action).fault.type, "blackhole");
  EXPECT_EQ(std::get<ClearFault>(scenario.steps[4].action).fault.name, "blackhole");
  EXPECT_EQ(scenario.steps[5].id, "step-7");
  EXPECT_EQ(std::get<StopNode>(scenario.steps[5].action).kind, RestartKind::kGraceful);
}

TEST(Plan, AFaultIsClearedAsItWasSet) {
  std::string text = kPlainScenario;
  const std::string heal = "  - {id: heal, clear_fault: {link: n1-n2, name: blackhole}}\n";
  text.insert(text.find(heal) + heal.size(),
              "  - {set_fault: {link: n1-n2, link_down: {name: blackhole, at: inside}}}\n"
              "  - {clear_fault: {link: n1-n2, name: blackhole}}\n");
  const Scenario scenario = planned(text).runs.at(0).scenario;
  EXPECT_EQ(std::get<ClearFault>(scenario.steps[4].action).fault.type, "blackhole");
  EXPECT_EQ(std::get<ClearFault>(scenario.steps[6].action).fault.type, "link_down");
  EXPECT_EQ(std::get<ClearFault>(scenario.steps[6].action).fault.attributes.at("at"), "inside");
}

TEST(Plan, ExpectationsReadAsSentences) {
  const Scenario scenario = planned(kPlainScenario).runs.at(0).scenario;
  std::vector<std::string> texts;
  for (const Expectation& one : scenario.expectations)
    texts.push_back(one.text);
  EXPECT_THAT(texts,
              ElementsAre("always fault_proxy_nat_entries{proxy=\"n1-n2\"} == 1 during quiet",
                          "eventually votenode_votes_acked_total >= 2 within 3s of vote",
                          "sometimes fault_proxy_nat_refresh_total > 0 during quiet",
                          "never votenode_equivocations_total > 0",
                          "sends from n1 to n2 are [OK, EPIPE] since vote",
                          "no_lost_votes, no_duplicates, no_equivocation",
                          "lost votes from n1 to n2 are at least 1 since vote",
                          "n1 finds the death of its connection to n2 by broken_pipe since vote"));
  EXPECT_EQ(expectation(scenario, "mapped").window.during, "quiet");
  EXPECT_EQ(expectation(scenario, "delivered").window.within, seconds(3));
  EXPECT_EQ(std::get<SendSequence>(expectation(scenario, "told").body).one_of.size(), 1U);
  EXPECT_THAT(
      std::get<Invariants>(expectation(scenario, "safe").body).all,
      ElementsAre(Invariant::kNoLostVotes, Invariant::kNoDuplicates, Invariant::kNoEquivocation));
  EXPECT_EQ(std::get<LostVotes>(expectation(scenario, "lost").body).comparison,
            LostVotes::Comparison::kAtLeast);
}

TEST(Plan, AControlChangesWhatItSetsAndNothingElse) {
  const Plan plan = planned(kPlainScenario);
  const PlannedRun& control = plan.runs.at(1);
  EXPECT_EQ(control.control, "no-keepalive");
  EXPECT_THAT(control.must_fail, ElementsAre("mapped", "delivered"));
  EXPECT_EQ(
      boost::json::serialize(control.scenario.nodes[0].config),
      R"({"preset":"naive","keepalive":{"enabled":false,"idle":"1s","interval":"1s","count":3}})");
  EXPECT_EQ(control.scenario.expectations.size(), plan.runs[0].scenario.expectations.size());
}

TEST(Plan, AControlMayChangeAVariableAndWinsOverAnOverride) {
  const std::string text =
      changed(kPlainScenario, "set: {/nodes/n1/keepalive/enabled: false}", "vars: {votes: 7}");
  const auto votes = [](const PlannedRun& run) {
    return std::get<CastVotes>(run.scenario.steps.at(2).action).count;
  };
  const Plan plan = planned(text);
  EXPECT_EQ(votes(plan.runs.at(0)), 2U);
  EXPECT_EQ(votes(plan.runs.at(1)), 7U);
  const Plan overridden = planned(text, {{"votes", "5"}});
  EXPECT_EQ(votes(overridden.runs.at(0)), 5U);
  EXPECT_EQ(votes(overridden.runs.at(1)), 7U);
}

TEST(Plan, OneRefresherThatIsInTimeEndsTheRaceOfTheOthers) {
  const std::string text =
      changed(kPlainScenario, "preset: naive, keepalive: {enabled: true, idle: 1s",
              "ping: {interval: 2s}, keepalive: {enabled: true, idle: 3s");
  EXPECT_EQ(planned(text).runs.size(), 2U);
}

TEST(Plan, AChoiceGivesItsSetAndAnOverrideWinsOverIt) {
  const Scenario real = planned(kPlainScenario, {{"pace", "real"}}).runs.at(0).scenario;
  EXPECT_EQ(std::get<IdleFor>(real.steps[1].action).duration, seconds(32));
  EXPECT_EQ(real.steps.size(), 7U);
  const Scenario mixed =
      planned(kPlainScenario, {{"pace", "real"}, {"nat", "10s"}}).runs.at(0).scenario;
  EXPECT_EQ(std::get<IdleFor>(mixed.steps[1].action).duration, seconds(12));
}

TEST(Plan, AMatrixGivesACellEachWithTheLastAxisFastest) {
  const Plan plan = planned(kMatrixScenario);
  const std::string name = "2026-07-30-broken-pipe";
  EXPECT_THAT(
      run_ids(plan),
      ElementsAre(name + "[cause=nat-drop,defence=none]", name + "[cause=nat-drop,defence=retry]",
                  name + "[cause=nat-drop,defence=all]", name + "[cause=power-loss,defence=none]",
                  name + "[cause=power-loss,defence=retry]",
                  name + "[cause=power-loss,defence=all]", name + "/control:bare"));
  EXPECT_THAT(plan.runs[1].cell, ElementsAre(Pair("cause", "nat-drop"), Pair("defence", "retry")));
  EXPECT_THAT(plan.runs[6].cell, ElementsAre(Pair("cause", "power-loss"), Pair("defence", "all")));
  ASSERT_EQ(plan.axes.size(), 2U);
  EXPECT_THAT(plan.axes[0].values, ElementsAre(Pair("nat-drop", "NAT that drops after 3s"),
                                               Pair("power-loss", "power-loss")));
}

TEST(Plan, ACellHasItsOwnSettingsStepsAndExpectations) {
  const Plan plan = planned(kMatrixScenario);
  const Scenario& drop_none = plan.runs.at(0).scenario;
  const Scenario& drop_retry = plan.runs.at(1).scenario;
  const Scenario& loss_all = plan.runs.at(5).scenario;
  EXPECT_EQ(drop_none.links[0].faults.size(), 1U);
  EXPECT_EQ(loss_all.links[0].faults.size(), 0U);
  EXPECT_EQ(drop_none.steps.size(), 2U);
  ASSERT_EQ(loss_all.steps.size(), 3U);
  EXPECT_EQ(std::get<RestartNode>(loss_all.steps[1].action).down, seconds(4));
  EXPECT_EQ(boost::json::serialize(drop_retry.nodes[0].config),
            R"({"preset":"naive","retry":{"enabled":true}})");
  EXPECT_EQ(expectation(drop_none, "told").text, "sends from n1 to n2 are [OK] since vote");
  EXPECT_EQ(expectation(loss_all, "told").text,
            "sends from n1 to n2 are [OK, ECONNRESET] since vote");
  EXPECT_EQ(drop_none.expectations.back().id, "lost");
  EXPECT_EQ(loss_all.expectations.back().id, "safe");
}

TEST(Plan, AnOverrideWinsOverACell) {
  const Plan plan = planned(kMatrixScenario, {{"down", "9s"}});
  EXPECT_EQ(std::get<RestartNode>(plan.runs.at(5).scenario.steps[1].action).down, seconds(9));
}

TEST(Plan, AReportNamesItsTableAndItsLog) {
  const Plan plan = planned(kMatrixScenario);
  ASSERT_TRUE(plan.report.has_value());
  EXPECT_EQ(plan.report->rows, "cause");
  EXPECT_EQ(plan.report->columns, "defence");
  EXPECT_EQ(plan.report->node, "n1");
  EXPECT_EQ(plan.report->peer, "n2");
  EXPECT_EQ(plan.report->since, "vote");
  EXPECT_EQ(plan.report->undefended, "none");
  EXPECT_EQ(plan.report->log_path, "lab/incident.log");
  EXPECT_EQ(plan.report->log_text, "");
}

Result<Plan> single_run(const std::string& text, std::size_t index) {
  return plan_single_run(parse_yaml(text, "lab/a.yaml").value(), {}, index);
}

// With a control in front of the other that its `when` leaves out: it takes no place.
TEST(Plan, ASingleRunIsTheOneOfTheWholePlan) {
  const std::string text =
      changed(kMatrixScenario, "controls:\n",
              "controls:\n  - {id: never, cell: {cause: nat-drop, defence: all}, when: {down: 7s},"
              " set: {/nodes/n1/preset: naive}, must_fail: [safe]}\n");
  const Plan whole = planned(text);
  ASSERT_EQ(whole.runs.size(), 7U);
  for (std::size_t index = 0; index < whole.runs.size(); ++index) {
    const PlannedRun& expected = whole.runs[index];
    const auto plan = single_run(text, index);
    ASSERT_TRUE(plan.has_value()) << plan.error().text;
    ASSERT_EQ(plan->runs.size(), 1U);
    const PlannedRun& run = plan->runs.front();
    EXPECT_EQ(run.id, expected.id);
    EXPECT_EQ(run.cell, expected.cell);
    EXPECT_EQ(run.control, expected.control);
    EXPECT_EQ(run.must_fail, expected.must_fail);
    EXPECT_EQ(run.scenario.steps.size(), expected.scenario.steps.size());
    EXPECT_EQ(run.scenario.expectations.back().text, expected.scenario.expectations.back().text);
    EXPECT_EQ(run.scenario.nodes[0].config, expected.scenario.nodes[0].config);
    ASSERT_TRUE(plan->report.has_value());
    EXPECT_EQ(plan->report->since, run.control.empty() ? "vote" : "");
  }
  EXPECT_TRUE(single_run(text, whole.runs.size()).has_error());
}

TEST(Plan, ASingleRunIsPlannedWithoutTheOthers) {
  const std::string text = changed(kMatrixScenario, "power-loss: {vars: {down: 4s}}",
                                   "power-loss: {set: {/nowhere: 1}}");
  EXPECT_TRUE(single_run(text, 0).has_value());
  EXPECT_TRUE(single_run(text, 5).has_error());
}

TEST(Plan, ADeclaredRaceMayCompeteAndHaveSeveralOutcomes) {
  std::string text = changed(kPlainScenario, "idle: 1s", "idle: 3s");
  text = changed(text, "are: [OK, EPIPE]}, since",
                 "are_one_of: [[OK], [OK, EPIPE]]}, race: true, since");
  const Scenario scenario = planned(text).runs.at(0).scenario;
  EXPECT_TRUE(expectation(scenario, "told").race);
  EXPECT_EQ(expectation(scenario, "told").text,
            "sends from n1 to n2 are one of [OK] or [OK, EPIPE] since vote");
}

TEST(Plan, ANodeMayBeAnyCommand) {
  std::string text = changed(kMatrixScenario, "  n2: {}",
                             "  n2: {}\n  db: {command: [/usr/bin/redis-server, --port, \"0\"]}");
  const Scenario scenario = planned(text).runs.at(0).scenario;
  EXPECT_THAT(scenario.nodes.at(2).argv, ElementsAre("/usr/bin/redis-server", "--port", "0"));
  EXPECT_TRUE(scenario.nodes.at(2).config.empty());
}

}  // namespace
}  // namespace halfopen

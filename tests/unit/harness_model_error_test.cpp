// What a person reads when a scenario file is wrong: one line with the place, what was expected and
// what to do. Each case changes one thing in a good file.
#include <gtest/gtest.h>

#include <vector>

#include "tests/unit/harness_model_fixture.hpp"

namespace halfopen {
namespace {

using test::changed;
using test::kMatrixScenario;
using test::kPlainScenario;
using test::plan_text;

struct Case {
  const char* what;
  const char* from;
  const char* to;
  const char* message;
};

void expect_messages(const char* file, const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    SCOPED_TRACE(one.what);
    const auto plan = plan_text(changed(file, one.from, one.to));
    if (plan.has_value()) {
      ADD_FAILURE() << "the file was accepted";
      continue;
    }
    EXPECT_EQ(plan.error().text, one.message);
  }
}

std::string message_for(const std::string& text, const test::Overrides& overrides = {}) {
  const auto plan = plan_text(text, overrides);
  return plan.has_value() ? "the file was accepted" : plan.error().text;
}

// The text up to the first `begin`, `between`, and the text from the first `end` on.
std::string with_part(const std::string& text, const std::string& begin, const std::string& end,
                      const std::string& between) {
  return text.substr(0, text.find(begin)) + between + text.substr(text.find(end));
}

TEST(ScenarioErrors, TheFixturesAreGood) {
  EXPECT_EQ(message_for(kPlainScenario), "the file was accepted");
  EXPECT_EQ(message_for(kMatrixScenario), "the file was accepted");
}

TEST(ScenarioErrors, NothingToReadDoOrExpect) {
  EXPECT_EQ(message_for(""),
            "lab/a.yaml:1:1: the file must be a map {key: value}, this is nothing");
  EXPECT_EQ(message_for("[1, 2]"),
            "lab/a.yaml:1:1: the file must be a map {key: value}, this is a list");
  EXPECT_EQ(message_for(with_part(kPlainScenario, "steps:", "expect:", "steps: []\n")),
            "lab/a.yaml:15:8: there is no step; expected at least one");
  EXPECT_EQ(message_for(with_part(kPlainScenario, "expect:", "controls:", "expect: []\n")),
            "lab/a.yaml:23:9: there is no expectation; expected at least one");
  // Good as a whole, but one cell of the matrix is left without any expectation.
  EXPECT_EQ(message_for(with_part(kMatrixScenario, "expect:", "matrix:",
                                  "expect:\n  - {id: safe, never: up, when: {defence: none}}\n")),
            "lab/a.yaml:14:3: there is no expectation; expected at least one (in the run with "
            "cause=nat-drop,defence=retry)");
}

TEST(ScenarioErrors, OverridesFromTheCommandLine) {
  EXPECT_EQ(
      message_for(kPlainScenario, {{"nta", "5s"}}),
      "lab/a.yaml: --var nta=5s: unknown variable \"nta\"; did you mean \"nat\"? expected one "
      "of nat, pace, quiet, votes");
  EXPECT_EQ(message_for(kPlainScenario, {{"pace", "slow"}}),
            "--var pace: unknown value of pace \"slow\"; expected one of fast, real");
  EXPECT_EQ(message_for(kPlainScenario, {{"nat", "5"}}),
            "lab/a.yaml:17:27: in \"${nat + 2s}\": the number 5 + the duration 2s has no meaning; "
            "expected two durations or two numbers, or a duration * or / a number");
  EXPECT_EQ(message_for(with_part(kMatrixScenario, "vars:", "nodes:", ""), {{"nat", "5s"}}),
            "lab/a.yaml: --var nat=5s: the file declares no variables");
}

TEST(ScenarioErrors, Structure) {
  expect_messages(
      kPlainScenario,
      {
          {"unknown key", "claim: a", "clain: a",
           "lab/a.yaml:2:1: the file has an unknown key \"clain\"; did you mean \"claim\"? "
           "expected one of name, claim, needs, cost, sysctls, scrape_interval, vars, choices, "
           "nodes, links, steps, expect, matrix, controls, report"},
          {"unknown key far from any", "cost: 2", "budget: 2",
           "lab/a.yaml:4:1: the file has an unknown key \"budget\"; expected one of name, claim, "
           "needs, cost, sysctls, scrape_interval, vars, choices, nodes, links, steps, expect, "
           "matrix, controls, report"},
          {"missing key",
           "claim: a keep-alive shorter than the mapping's ${nat} keeps an idle link alive\n", "",
           "lab/a.yaml:1:1: the file lacks the key \"claim\""},
          {"missing nodes",
           "nodes:\n  n1: {preset: naive, keepalive: {enabled: true, idle: 1s, interval: 1s, "
           "count: 3}}\n  n2: {}\n",
           "", "lab/a.yaml:1:1: the file lacks the key \"nodes\""},
          {"wrong type of links",
           "links:\n  - {between: [n1, n2], dialer: n1, inside: n1, faults: [{nat: {idle_timeout: "
           "\"${nat}\", on_next_packet: drop}}]}",
           "links: none", "lab/a.yaml:13:8: \"links\" must be a list, this is \"none\""},
          {"duplicate key", "cost: 2", "cost: 2\ncost: 3",
           "lab/a.yaml:5:1: duplicate key \"cost\"; it was given on line 4"},
          {"duplicate key in flow", "preset: naive, ", "preset: naive, preset: resilient, ",
           "lab/a.yaml:11:23: duplicate key \"preset\"; it was given on line 11"},
          {"bad yaml", "links:\n  - {between: [n1, n2],", "links:\n  - {between: [n1, n2}],",
           "lab/a.yaml:14:22: not valid YAML: illegal flow end"},
          {"bad indentation", "  n2: {}", "n2: {}\n   x",
           "lab/a.yaml:13:4: not valid YAML: end of map not found"},
          {"alias", "cost: 2", "cost: *two",
           "lab/a.yaml:4:7: not valid YAML: the referenced anchor is not defined"},
          {"anchor", "cost: 2", "cost: &two 2",
           "lab/a.yaml:4:7: an anchor is not allowed; use vars and \"${name}\" for what repeats"},
          {"tag", "cost: 2", "cost: !cents 2",
           "lab/a.yaml:4:7: the tag \"!cents\" is not allowed; expected a plain value"},
          {"two documents", "cost: 2", "cost: 2\n---\nname: x",
           "lab/a.yaml:5:1: a second document begins here; expected one per file"},
          {"complex key", "cost: 2", "? [a, b]\n: 2",
           "lab/a.yaml:4:3: a key must be text, not a list or a map"},
          {"empty key", "cost: 2", ": 2",
           "lab/a.yaml:4:1: a key is missing here; expected text before the colon"},
          {"name with capitals", "name: keepalive-refreshes-mapping", "name: KeepAlive",
           "lab/a.yaml:1:7: the scenario name \"KeepAlive\" is not a name; expected up to 64 of "
           "a-z, 0-9, - and _, beginning with a letter or a digit"},
          {"name with underscore", "name: keepalive-refreshes-mapping", "name: keep_alive",
           "lab/a.yaml:1:7: the name \"keep_alive\" has a \"_\"; expected a-z, 0-9 and -"},
          {"name is a list", "name: keepalive-refreshes-mapping", "name: [a]",
           "lab/a.yaml:1:7: the scenario name must be text, this is a list"},
          {"cost too large", "cost: 2", "cost: 9",
           "lab/a.yaml:4:7: \"cost\" must be a whole number from 1 to 8, this is \"9\""},
          {"cost in words", "cost: 2", "cost: two",
           "lab/a.yaml:4:7: \"cost\" must be a whole number from 1 to 8, this is \"two\""},
          {"unknown ability", "[filter, repair]", "[filter, repare]",
           "lab/a.yaml:3:17: unknown ability \"repare\"; did you mean \"repair\"? expected one of "
           "filter, repair, mark, nft"},
          {"sysctl of the machine", "net.ipv4.tcp_retries2", "kernel.panic",
           "lab/a.yaml:5:11: \"kernel.panic\" is not a setting of the network; expected a name "
           "such as net.ipv4.tcp_retries2"},
          {"sysctl that climbs", "net.ipv4.tcp_retries2", "net.ipv4..",
           "lab/a.yaml:5:11: \"net.ipv4..\" is not a setting of the network; expected a name such "
           "as net.ipv4.tcp_retries2"},
          {"scrape interval without unit", "scrape_interval: 50ms", "scrape_interval: 50",
           "lab/a.yaml:6:18: \"scrape_interval\": \"50\" is not a duration: expected a number with "
           "a unit, such as 250ms, 3s, 1m30s"},
          {"scrape interval too short", "scrape_interval: 50ms", "scrape_interval: 1ms",
           "lab/a.yaml:6:18: \"scrape_interval\" must be from 10ms to 1m"},
          {"no controls",
           "controls:\n  - {id: no-keepalive, set: {/nodes/n1/keepalive/enabled: false}, "
           "must_fail: [mapped, delivered]}",
           "controls: []",
           "lab/a.yaml:1:1: no controls: a scenario that cannot fail proves nothing; add "
           "\"controls\" that take the defence away and name the expectations that must then fail"},
      });
}

TEST(ScenarioErrors, NodesAndLinks) {
  expect_messages(
      kPlainScenario,
      {
          {"node is nothing", "  n2: {}",
           "  n2:", "lab/a.yaml:13:1: node n2 must be a map {key: value}, this is nothing"},
          {"node is off", "  n2: {}", "  n2: off",
           "lab/a.yaml:12:7: node n2 must be a map {key: value}, this is \"off\""},
          {"node with a space", "  n2: {}", "  n 2: {}",
           "lab/a.yaml:12:3: the node name \"n 2\" is not a name; expected up to 64 of a-z, 0-9, - "
           "and _, beginning with a letter or a digit"},
          {"the harness's key", "preset: naive,", "listen: 127.0.0.1:1,",
           "lab/a.yaml:11:8: \"listen\" of node n1 is given by the harness; remove it"},
          {"empty command", "  n2: {}", "  n2: {command: []}",
           "lab/a.yaml:12:17: the command of node n2 must be a list with at least one item, this "
           "is an empty list"},
          {"command and settings", "  n2: {}", "  n2: {command: [x], preset: naive}",
           "lab/a.yaml:12:22: node n2 has a command, so it is no vote-node and \"preset\" has no "
           "meaning; remove one of them"},
          {"link to an unknown node", "between: [n1, n2]", "between: [n1, n3]",
           "lab/a.yaml:14:20: unknown node \"n3\"; did you mean \"n1\"? expected one of n1, n2"},
          {"link to itself", "between: [n1, n2]", "between: [n1, n1]",
           "lab/a.yaml:14:15: a link is between two different nodes"},
          {"link of three", "between: [n1, n2]", "between: [n1, n2, n2]",
           "lab/a.yaml:14:15: \"between\" must name two nodes, as in [n1, n2]"},
          {"dialer elsewhere", "dialer: n1", "dialer: n3",
           "lab/a.yaml:14:33: unknown end of this link \"n3\"; did you mean \"n1\"? expected one "
           "of n1, n2"},
          {"inside elsewhere", "inside: n1", "inside: n",
           "lab/a.yaml:14:45: unknown end of this link \"n\"; did you mean \"n1\"? expected one of "
           "n1, n2"},
          {"same link twice", "links:\n", "links:\n  - {between: [n2, n1]}\n",
           "lab/a.yaml:15:15: there is a link between n1 and n2 already, on line 14"},
          {"unknown fault", "faults: [{nat:", "faults: [{natt:",
           "lab/a.yaml:14:59: unknown fault \"natt\"; did you mean \"nat\"? expected one of nat, "
           "blackhole, peer_restart"},
          {"fault without attributes",
           "faults: [{nat: {idle_timeout: \"${nat}\", on_next_packet: drop}}]", "faults: [{nat}]",
           "lab/a.yaml:14:62: fault nat must be a map {key: value}, this is nothing"},
          {"fault as a word", "faults: [{nat: {idle_timeout: \"${nat}\", on_next_packet: drop}}]",
           "faults: [nat]",
           "lab/a.yaml:14:58: a fault must be a map {key: value}, this is \"nat\""},
          {"two faults of one name", "faults: [", "faults: [{nat: {}}, ",
           "lab/a.yaml:14:70: two faults of link n1-n2 are called \"nat\"; give one of them a "
           "\"name\""},
          {"two keys in a fault", "faults: [{nat: {", "faults: [{blackhole: {}, nat: {",
           "lab/a.yaml:14:58: a fault must be one key, its type, with its attributes, as in {nat: "
           "{idle_timeout: 3s}}"},
      });
}

TEST(ScenarioErrors, Steps) {
  expect_messages(
      kPlainScenario,
      {
          {"unknown action", "idle_for:", "idle_four:",
           "lab/a.yaml:17:17: a step has an unknown key \"idle_four\"; did you mean \"idle_for\"? "
           "expected one of wait_until, idle_for, cast, set_fault, clear_fault, restart, stop, id, "
           "within, when"},
          {"two actions", "idle_for:", "stop: {node: n1}, idle_for:",
           "lab/a.yaml:17:35: a step has both \"stop\" and \"idle_for\"; expected one of them"},
          {"no action", "idle_for: \"${nat + 2s}\"", "when: {pace: fast}",
           "lab/a.yaml:17:5: a step lacks its main key; expected one of wait_until, idle_for, "
           "cast, set_fault, clear_fault, restart, stop"},
          {"duplicate id", "{id: quiet", "{id: up",
           "lab/a.yaml:17:5: duplicate step id \"up\"; it was given on line 16"},
          {"wait without limit", ", within: 10s", "",
           "lab/a.yaml:16:26: \"wait_until\" needs a limit, as in within: 10s"},
          {"limit on idle", "idle_for: \"${nat + 2s}\"", "idle_for: 5s, within: 6s",
           "lab/a.yaml:17:39: \"within\" belongs to \"wait_until\", not to \"idle_for\"; remove "
           "it"},
          {"duration without unit", "idle_for: \"${nat + 2s}\"", "idle_for: 5",
           "lab/a.yaml:17:27: \"idle_for\": \"5\" is not a duration: expected a number with a "
           "unit, such as 250ms, 3s, 1m30s"},
          {"expression", "min(votenode_peer_up) == 1", "min(votenode_peer_up == 1",
           "lab/a.yaml:16:26: in the condition 'min(votenode_peer_up == 1': column 26: expected "
           "\")\" or an operator, found the end"},
          {"cast from nobody", "cast: {node: n1", "cast: {node: m1",
           "lab/a.yaml:18:29: unknown node \"m1\"; did you mean \"n1\"? expected one of n1, n2"},
          {"cast from a command",
           "  n1: {preset: naive, keepalive: {enabled: true, idle: 1s, interval: 1s, count: 3}}",
           "  n1: {command: [redis-server]}",
           "lab/a.yaml:18:29: node n1 runs a command of its own; only a vote-node can cast a vote"},
          {"no votes", "count: \"${votes}\"", "count: 0",
           "lab/a.yaml:18:40: \"count\" must be a whole number from 1 to 100000, this is \"0\""},
          {"fault on an unknown link", "link: n1-n2, blackhole", "link: n2-n1, blackhole",
           "lab/a.yaml:19:33: unknown link \"n2-n1\"; expected n1-n2"},
          {"no fault given", "blackhole: {}}", "}",
           "lab/a.yaml:19:26: \"set_fault\" lacks its main key; expected one of nat, blackhole, "
           "peer_restart"},
          {"clear what is not there", "name: blackhole", "name: black",
           "lab/a.yaml:20:49: unknown fault on link n1-n2 at this step \"black\"; expected one of "
           "blackhole, nat"},
          {"unknown kind in a step of another choice", "kind: power_loss", "kind: powerloss",
           "lab/a.yaml:21:43: unknown kind \"powerloss\"; did you mean \"power_loss\"? expected "
           "one of graceful, crash, power_loss (with pace=real)"},
      });
}

TEST(ScenarioErrors, Expectations) {
  expect_messages(
      kPlainScenario,
      {
          {"no id", "{id: mapped, ", "{", "lab/a.yaml:24:5: an expectation lacks the key \"id\""},
          {"duplicate id", "{id: delivered", "{id: mapped",
           "lab/a.yaml:25:5: duplicate expectation id \"mapped\"; it was given on line 24"},
          {"no body", "never: 'votenode_equivocations_total > 0'", "race: true",
           "lab/a.yaml:27:5: an expectation lacks its main key; expected one of always, never, "
           "eventually, sometimes, sends, invariant, lost_votes, detected_by"},
          {"unknown step", "during: {step: quiet}", "during: {step: quite}",
           "lab/a.yaml:24:88: unknown step \"quite\"; did you mean \"quiet\"? expected one of up, "
           "quiet, vote, cut, heal, step-7"},
          {"step as a word", "during: {step: quiet}", "during: quiet",
           "lab/a.yaml:24:81: \"during\" must be a map {key: value}, this is \"quiet\""},
          {"during and since", "during: {step: quiet}",
           "during: {step: quiet}, since: {step: vote}",
           "lab/a.yaml:24:5: an expectation looks \"during\" a step or \"since\" one, not both"},
          {"within of nothing", "during: {step: quiet}", "within: 3s",
           "lab/a.yaml:24:81: \"within\" counts from a step; add since: {step: ...}"},
          {"expression", "'fault_proxy_nat_refresh_total > 0'",
           "'fault_proxy_nat_refresh_total >> 0'",
           "lab/a.yaml:26:32: in the condition 'fault_proxy_nat_refresh_total >> 0': column 32: "
           "expected an expression, found \">\""},
          {"expression is a list", "'fault_proxy_nat_refresh_total > 0'", "[a]",
           "lab/a.yaml:26:32: a condition must be text, this is a list"},
          {"sends from an unknown node", "sends: {from: n1", "sends: {from: n9",
           "lab/a.yaml:28:30: unknown node \"n9\"; did you mean \"n1\"? expected one of n1, n2"},
          {"unknown errno", "[OK, EPIPE]", "[OK, EPIPPE]",
           "lab/a.yaml:28:52: unknown result of a send \"EPIPPE\"; did you mean \"EPIPE\"? "
           "expected one of OK, EPIPE, ECONNRESET, ETIMEDOUT, EHOSTUNREACH, ENETUNREACH, "
           "ECONNABORTED, EAGAIN, ENOTCONN"},
          {"no result", "are: [OK, EPIPE]", "are: []",
           "lab/a.yaml:28:47: the sends' results must be a list with at least one item, this is an "
           "empty list"},
          {"several outcomes without a race", "are: [OK, EPIPE]", "are_one_of: [[OK], [OK, EPIPE]]",
           "lab/a.yaml:28:42: several outcomes are allowed only where times compete on purpose; "
           "add race: true to the expectation, or use \"are\""},
          {"neither are nor one of", "are: [OK, EPIPE]", "is: [OK, EPIPE]",
           "lab/a.yaml:28:42: \"sends\" has an unknown key \"is\"; expected one of from, to, are, "
           "are_one_of"},
          {"unknown invariant", "no_duplicates", "no_dupes",
           "lab/a.yaml:29:43: unknown invariant \"no_dupes\"; expected one of no_lost_votes, "
           "no_duplicates, no_equivocation"},
          {"lost at least nothing", "at_least: 1", "at_least: 0",
           "lab/a.yaml:30:57: \"at_least: 0\" always holds; expected 1 or more"},
          {"lost without a count", ", at_least: 1", "",
           "lab/a.yaml:30:28: \"lost_votes\" lacks its main key; expected one of equals, at_least, "
           "at_most"},
          {"reason in words", "reason: broken_pipe", "reason: Broken pipe",
           "lab/a.yaml:31:63: the reason \"Broken pipe\" is not a name; expected up to 64 of a-z, "
           "0-9, - and _, beginning with a letter or a digit"},
          {"race is not a flag", "since: {step: vote}}\n  - {id: safe",
           "race: maybe}\n  - {id: safe",
           "lab/a.yaml:28:67: \"race\" must be true or false, this is \"maybe\""},
          {"no link between", "are: [OK, EPIPE]",
           "are: [OK, EPIPE]}, since: {step: vote}}\n  - {id: unlinked, sends: {from: n2, to: n2, "
           "are: [OK]",
           "lab/a.yaml:29:42: there is no link between n2 and n2 in this run"},
      });
}

TEST(ScenarioErrors, Variables) {
  expect_messages(
      kPlainScenario,
      {
          {"unknown variable", "${nat + 2s}", "${nta + 2s}",
           "lab/a.yaml:17:27: in \"${nta + 2s}\": unknown variable \"nta\"; did you mean \"nat\"? "
           "expected one of nat, pace, quiet, votes"},
          {"seconds and nothing", "${nat + 2s}", "${nat + 2}",
           "lab/a.yaml:17:27: in \"${nat + 2}\": the duration 3s + the number 2 has no meaning; "
           "expected two durations or two numbers, or a duration * or / a number"},
          {"text in a sum", "${nat + 2s}", "${pace + 2s}",
           "lab/a.yaml:17:27: in \"${pace + 2s}\": the text \"fast\" + the duration 2s has no "
           "meaning; expected two durations or two numbers, or a duration * or / a number"},
          {"unclosed", "${nat + 2s}", "${nat + 2s",
           "lab/a.yaml:17:27: \"${\" without \"}\" in \"${nat + 2s\"; to write \"${\" itself, "
           "write \"$${\""},
          {"unbalanced", "${nat + 2s}", "${(nat + 2s}",
           "lab/a.yaml:17:27: in \"${(nat + 2s}\": expected \")\" but found the end"},
          {"empty", "${nat + 2s}", "${}",
           "lab/a.yaml:17:27: in \"${}\": expected a variable, a number or a duration but found "
           "the end"},
          {"bad number", "${nat + 2s}", "${nat + 2x}",
           "lab/a.yaml:17:27: in \"${nat + 2x}\": \"2x\" is neither a number nor a duration such "
           "as 250ms or 1m30s"},
          {"division by zero", "${nat + 2s}", "${nat / 0}",
           "lab/a.yaml:17:27: in \"${nat / 0}\": a division by zero"},
          {"negative", "${nat + 2s}", "${nat - 5s}",
           "lab/a.yaml:17:27: in \"${nat - 5s}\": the duration -2s is negative"},
          {"made of itself", "votes: 2}", "votes: \"${more}\", more: \"${votes + 1}\"}",
           "lab/a.yaml:7:53: the variable \"more\" is made of itself"},
          {"bad name", "vars: {nat", "vars: {Nat",
           "lab/a.yaml:7:8: \"Nat\" is not a variable's name; expected a-z, 0-9 and _, not "
           "beginning with a digit"},
          {"variable is a list", "votes: 2}", "votes: [2]}",
           "lab/a.yaml:7:36: the variable \"votes\" must be text, this is a list"},
          {"choice without default", "pace: fast, ", "",
           "lab/a.yaml:9:3: the choice \"pace\" needs a default in vars, as in vars: {pace: ...}"},
          {"default not a choice", "pace: fast", "pace: fats",
           "lab/a.yaml:7:23: unknown value of pace \"fats\"; did you mean \"fast\"? expected one "
           "of fast, real"},
          {"incomplete choice", ", quiet: 41s", "",
           "lab/a.yaml:9:38: the choice pace=real does not give \"quiet\", which pace=fast gives; "
           "give it here, or a default in vars"},
          {"when on an unknown variable", "when: {pace: [real]}", "when: {pase: [real]}",
           "lab/a.yaml:21:73: unknown axis or variable \"pase\"; did you mean \"pace\"? expected "
           "one of nat, pace, quiet, votes"},
          {"when on an unknown value", "when: {pace: [real]}", "when: {pace: [reel]}",
           "lab/a.yaml:21:80: unknown value of pace \"reel\"; did you mean \"real\"? expected one "
           "of fast, real"},
          {"when on nothing", "when: {pace: [real]}", "when: {pace: []}",
           "lab/a.yaml:21:79: \"pace\" in \"when\" must be a list with at least one item, this is "
           "an empty list"},
          {"bad duration in a variable", "fast: {nat: 3s", "fast: {nat: 3 s",
           "lab/a.yaml:17:27: in \"${nat + 2s}\": the text \"3 s\" + the duration 2s has no "
           "meaning; expected two durations or two numbers, or a duration * or / a number"},
      });
}

TEST(ScenarioErrors, Controls) {
  expect_messages(
      kPlainScenario,
      {
          {"path into nowhere", "/nodes/n1/keepalive/enabled", "/nodes/n1/keepalive/enable",
           "lab/a.yaml:33:30: the path \"/nodes/n1/keepalive/enable\" leads nowhere: "
           "/nodes/n1/keepalive has no key \"enable\"; did you mean \"enabled\"? expected one of "
           "enabled, idle, interval, count (in control no-keepalive)"},
          {"path into a part that is not there", "/nodes/n1/keepalive/enabled",
           "/nodes/n2/keepalive/enabled",
           "lab/a.yaml:33:30: the path \"/nodes/n2/keepalive/enabled\" leads nowhere: /nodes/n2 is "
           "empty; a path leads only to what the file writes: set it as a whole (in control "
           "no-keepalive)"},
          {"path through a value", "/nodes/n1/keepalive/enabled", "/nodes/n1/preset/x",
           "lab/a.yaml:33:30: the path \"/nodes/n1/preset/x\" leads nowhere: /nodes/n1/preset has "
           "no parts, it is a plain value (in control no-keepalive)"},
          {"path without a slash", "/nodes/n1/keepalive/enabled", "nodes/n1",
           "lab/a.yaml:33:30: the path \"nodes/n1\" must begin with \"/\", as in /nodes/n1/preset "
           "(in control no-keepalive)"},
          {"path into a list", "/nodes/n1/keepalive/enabled", "/steps/quit",
           "lab/a.yaml:33:30: the path \"/steps/quit\" leads nowhere: /steps has no item \"quit\"; "
           "did you mean \"quiet\"? expected one of up, quiet, vote, cut, heal, crash, stop (in "
           "control no-keepalive)"},
          {"path into the controls", "/nodes/n1/keepalive/enabled", "/controls/0",
           "lab/a.yaml:33:30: the path \"/controls/0\" may not change controls (in control "
           "no-keepalive)"},
          {"sets nothing", "set: {/nodes/n1/keepalive/enabled: false}", "set: {}",
           "lab/a.yaml:33:29: \"set\" changes nothing; expected {/path/to/key: value}"},
          {"unknown expectation", "must_fail: [mapped", "must_fail: [maped",
           "lab/a.yaml:33:79: unknown expectation \"maped\"; did you mean \"mapped\"? expected one "
           "of mapped, delivered, refreshed, never-x, told, safe, lost, mechanism"},
          {"fails nothing", "must_fail: [mapped, delivered]", "must_fail: []",
           "lab/a.yaml:33:78: \"must_fail\" must be a list with at least one item, this is an "
           "empty list"},
          {"cell without a matrix", "{id: no-keepalive,", "{id: no-keepalive, cell: {cause: x},",
           "lab/a.yaml:33:30: \"cell\" has a meaning only with a matrix; remove it"},
          {"breaks the run", "/nodes/n1/keepalive/enabled: false", "/nodes/n1/keepalive/idle: 3s",
           "lab/a.yaml:14:59: nat.idle_timeout of link n1-n2 (3s) and keepalive.idle of n1 (3s) "
           "compete; put at least 1s between them, or declare race: true on the expectation (in "
           "control no-keepalive)"},
      });
}

TEST(ScenarioErrors, ControlsOfAMatrix) {
  expect_messages(
      kMatrixScenario,
      {
          {"no cell", "cell: {cause: power-loss, defence: all}, ", "",
           "lab/a.yaml:27:5: a control lacks the key \"cell\""},
          {"part of a cell", "cell: {cause: power-loss, defence: all}", "cell: {cause: power-loss}",
           "lab/a.yaml:27:22: \"cell\" lacks the key \"defence\""},
          {"unknown cell", "cell: {cause: power-loss, defence: all}",
           "cell: {cause: power-loss, defence: al}",
           "lab/a.yaml:27:51: unknown value of defence \"al\"; did you mean \"all\"? expected one "
           "of none, retry, all"},
          {"duplicate control", "controls:\n",
           "controls:\n  - {id: bare, cell: {cause: power-loss, defence: all}, set: "
           "{/nodes/n1/preset: naive}, must_fail: [safe]}\n",
           "lab/a.yaml:28:5: duplicate control id \"bare\""},
      });
}

TEST(ScenarioErrors, ReportWithoutAMatrix) {
  expect_messages(kPlainScenario,
                  {
                      {"report without a matrix", "controls:",
                       "report: {rows: a, columns: b, node: n1, peer: n2, since: vote}\ncontrols:",
                       "lab/a.yaml:32:9: a \"report\" is a table over two axes; it needs a matrix"},
                  });
}

TEST(ScenarioErrors, Matrix) {
  expect_messages(
      kMatrixScenario,
      {
          {"unknown key in a value", "{title: none}", "{titel: none}",
           "lab/a.yaml:23:12: defence=none has an unknown key \"titel\"; did you mean \"title\"? "
           "expected one of title, vars, set"},
          {"undeclared variable", "vars: {down: 4s}", "vars: {dawn: 4s}",
           "lab/a.yaml:21:25: unknown variable \"dawn\"; did you mean \"down\"? expected one of "
           "down, nat"},
          {"axis and variable", "vars: {nat: 3s,", "vars: {cause: x, nat: 3s,",
           "lab/a.yaml:19:3: \"cause\" is both an axis and a variable, so that a \"when\" could "
           "mean either; rename one"},
          {"axis without values", "  defence:\n    none: {title: none}\n",
           "  extra: {}\n  defence:\n    none: {title: none}\n",
           "lab/a.yaml:22:3: the axis \"extra\" has no values"},
          {"path in a cell", "/links/n1-n2/faults", "/links/n2-n1/faults",
           "lab/a.yaml:20:60: the path \"/links/n2-n1/faults\" leads nowhere: /links has no item "
           "\"n2-n1\"; expected n1-n2 (in the run with cause=nat-drop,defence=none)"},
          {"unknown value in when", "when: {cause: nat-drop}", "when: {cause: natdrop}",
           "lab/a.yaml:14:89: unknown value of cause \"natdrop\"; did you mean \"nat-drop\"? "
           "expected one of nat-drop, power-loss (in the run with cause=nat-drop,defence=none)"},
          {"step of another cell", "at_least: 1}, when", "at_least: 1}, since: {step: crash}, when",
           "lab/a.yaml:17:75: unknown step \"crash\"; expected one of up, vote (in the run with "
           "cause=nat-drop,defence=none)"},
          {"same id in one cell", "when: {cause: power-loss}}\n  - {id: safe",
           "when: {cause: [nat-drop, power-loss]}}\n  - {id: safe",
           "lab/a.yaml:15:5: duplicate expectation id \"told\"; it was given on line 14 (in the "
           "run with cause=nat-drop,defence=none)"},
          {"report axis", "rows: cause", "rows: causes",
           "lab/a.yaml:28:16: unknown axis \"causes\"; did you mean \"cause\"? expected one of "
           "cause, defence"},
          {"report axes are one", "columns: defence", "columns: cause",
           "lab/a.yaml:28:9: \"rows\" and \"columns\" must be two different axes"},
          {"report step missing in a cell", "since: vote, undefended", "since: crash, undefended",
           "lab/a.yaml:28:68: unknown step \"crash\"; expected one of up, vote"},
          {"report without undefended", " undefended: none,", "",
           "lab/a.yaml:28:79: a diagnosis of \"log\" needs \"undefended\": the value of defence "
           "that stands for no defence"},
          {"report value", "undefended: none", "undefended: nothing",
           "lab/a.yaml:28:86: unknown value of defence \"nothing\"; expected one of none, retry, "
           "all"},
      });
}

TEST(ScenarioErrors, Noise) {
  expect_messages(
      kPlainScenario,
      {
          {"keep-alive against the mapping", "idle: 1s", "idle: 2500ms",
           "lab/a.yaml:14:59: nat.idle_timeout of link n1-n2 (3s) and keepalive.idle of n1 "
           "(2s500ms) compete; put at least 1s between them, or declare race: true on the "
           "expectation"},
          {"ping against the mapping", "preset: naive, ",
           "preset: naive, ping: {enabled: true, interval: 3s}, ",
           "lab/a.yaml:14:59: nat.idle_timeout of link n1-n2 (3s) and ping.interval of n1 (3s) "
           "compete; put at least 1s between them, or declare race: true on the expectation"},
          {"keep-alive against a mapping of a step", "blackhole: {}}}",
           "nat: {name: blackhole, idle_timeout: 1s}}}",
           "lab/a.yaml:19:40: nat.idle_timeout of link n1-n2 (1s) and keepalive.idle of n1 (1s) "
           "compete; put at least 1s between them, or declare race: true on the expectation"},
          {"death against a limit", "within: 3s}", "within: 4s}",
           "lab/a.yaml:25:5: within of expectation delivered (4s) and keep-alive's end (idle + "
           "interval * count) of n1 (4s) compete; put at least 1s between them, or declare race: "
           "true on the expectation"},
          {"death against a wait", "  - {id: cut,",
           "  - {id: seen, wait_until: 'votenode_peer_up == 0', within: 3500ms}\n  - {id: cut,",
           "lab/a.yaml:19:5: within of step seen (3s500ms) and keep-alive's end (idle + interval * "
           "count) of n1 (4s) compete; put at least 1s between them, or declare race: true on the "
           "expectation"},
          {"bad duration", "idle: 1s", "idle: 1",
           "lab/a.yaml:11:56: keepalive.idle of node n1: \"1\" is not a duration: expected a "
           "number with a unit, such as 250ms, 3s, 1m30s"},
          {"competing times in another choice", "real: {nat: 30s", "real: {nat: 1s",
           "lab/a.yaml:14:59: nat.idle_timeout of link n1-n2 (1s) and keepalive.idle of n1 (1s) "
           "compete; put at least 1s between them, or declare race: true on the expectation (with "
           "pace=real)"},
          {"bad mapping time", "idle_timeout: \"${nat}\"", "idle_timeout: 3",
           "lab/a.yaml:14:59: idle_timeout of a nat on link n1-n2 must be a duration such as 3s"},
      });
}

}  // namespace
}  // namespace halfopen

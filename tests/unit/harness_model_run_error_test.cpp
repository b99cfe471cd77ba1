// What a person reads when variables, controls, the matrix or competing times are wrong. Each case
// changes one thing in a good file.
#include <gtest/gtest.h>

#include "tests/unit/harness_model_fixture.hpp"

namespace halfopen {
namespace {

using test::expect_messages;
using test::kMatrixScenario;
using test::kPlainScenario;
using test::message_for;

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
            "lab/a.yaml:16:8: there is no step; expected at least one");
  EXPECT_EQ(message_for(with_part(kPlainScenario, "expect:", "controls:", "expect: []\n")),
            "lab/a.yaml:24:9: there is no expectation; expected at least one");
  // Good as a whole, but one cell of the matrix is left without any expectation.
  EXPECT_EQ(message_for(with_part(kMatrixScenario, "expect:", "matrix:",
                                  "expect:\n  - {id: safe, never: up, when: {defence: none}}\n")),
            "lab/a.yaml:14:3: there is no expectation; expected at least one (in the run with "
            "cause=nat-drop,defence=retry)");
}

TEST(ScenarioErrors, AMatrixThatCannotFail) {
  const std::string tame =
      with_part(with_part(kMatrixScenario, "controls:", "report:", ""), "expect:", "matrix:",
                "expect:\n"
                "  - {id: told, sends: {from: n1, to: n2, are: [OK]}}\n"
                "  - {id: safe, invariant: [no_lost_votes]}\n"
                "  - {id: more, PLACE, when: {defence: none}}\n");
  const auto message_with = [&tame](const char* expectation) {
    return message_for(test::changed(tame, "PLACE", expectation));
  };
  const char* const kCannotFail =
      "lab/a.yaml:1:1: no controls, and no cell expects a loss or an error: a matrix that cannot "
      "fail proves nothing; add \"controls\", or to a cell without a defence \"lost_votes\" with "
      "at_least: 1, \"sends\" with an errno, or \"detected_by\" with a reason other than none";
  const char* const kGood = "the file was accepted";
  for (const char* harmless :
       {"never: up", "lost_votes: {from: n1, to: n2, equals: 0}",
        "lost_votes: {from: n1, to: n2, at_most: 3}", "sends: {from: n1, to: n2, are: [OK]}",
        "race: true, sends: {from: n1, to: n2, are_one_of: [[OK], [OK, EPIPE]]}",
        "detected_by: {node: n1, peer: n2, reason: none}"}) {
    EXPECT_EQ(message_with(harmless), kCannotFail) << harmless;
  }
  for (const char* failing : {"lost_votes: {from: n1, to: n2, at_least: 1}",
                              "sends: {from: n1, to: n2, are: [OK, EPIPE]}",
                              "detected_by: {node: n1, peer: n2, reason: eof}"}) {
    EXPECT_EQ(message_with(failing), kGood) << failing;
  }
  EXPECT_EQ(message_for(with_part(kMatrixScenario, "  - {id: lost", "matrix:", "")), kGood)
      << "a control will do";
}

TEST(ScenarioErrors, OverridesFromTheCommandLine) {
  EXPECT_EQ(
      message_for(kPlainScenario, {{"nta", "5s"}}),
      "lab/a.yaml: --var nta=5s: unknown variable \"nta\"; did you mean \"nat\"? expected one "
      "of nat, pace, quiet, votes");
  EXPECT_EQ(message_for(kPlainScenario, {{"pace", "slow"}}),
            "lab/a.yaml: --var pace: unknown value of pace \"slow\"; expected one of fast, real");
  EXPECT_EQ(message_for(kPlainScenario, {{"nat", "5"}}),
            "lab/a.yaml:18:27: in \"${nat + 2s}\": the number 5 + the duration 2s has no meaning; "
            "expected two durations or two numbers, or a duration * or / a number");
  EXPECT_EQ(message_for(with_part(kMatrixScenario, "vars:", "nodes:", ""), {{"nat", "5s"}}),
            "lab/a.yaml: --var nat=5s: the file declares no variables");
}

TEST(ScenarioErrors, Variables) {
  expect_messages(
      kPlainScenario,
      {
          {"unknown variable", "${nat + 2s}", "${nta + 2s}",
           "lab/a.yaml:18:27: in \"${nta + 2s}\": unknown variable \"nta\"; did you mean \"nat\"? "
           "expected one of nat, pace, quiet, votes"},
          {"seconds and nothing", "${nat + 2s}", "${nat + 2}",
           "lab/a.yaml:18:27: in \"${nat + 2}\": the duration 3s + the number 2 has no meaning; "
           "expected two durations or two numbers, or a duration * or / a number"},
          {"text in a sum", "${nat + 2s}", "${pace + 2s}",
           "lab/a.yaml:18:27: in \"${pace + 2s}\": the text \"fast\" + the duration 2s has no "
           "meaning; expected two durations or two numbers, or a duration * or / a number"},
          {"unclosed", "${nat + 2s}", "${nat + 2s",
           "lab/a.yaml:18:27: \"${\" without \"}\" in \"${nat + 2s\"; to write \"${\" itself, "
           "write \"$${\""},
          {"unbalanced", "${nat + 2s}", "${(nat + 2s}",
           "lab/a.yaml:18:27: in \"${(nat + 2s}\": expected \")\" but found the end"},
          {"empty", "${nat + 2s}", "${}",
           "lab/a.yaml:18:27: in \"${}\": expected a variable, a number or a duration but found "
           "the end"},
          {"bad number", "${nat + 2s}", "${nat + 2x}",
           "lab/a.yaml:18:27: in \"${nat + 2x}\": \"2x\" is neither a number nor a duration such "
           "as 250ms or 1m30s"},
          {"division by zero", "${nat + 2s}", "${nat / 0}",
           "lab/a.yaml:18:27: in \"${nat / 0}\": a division by zero"},
          {"negative", "${nat + 2s}", "${nat - 5s}",
           "lab/a.yaml:18:27: in \"${nat - 5s}\": the duration -2s is negative"},
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
           "lab/a.yaml:22:73: unknown axis or variable \"pase\"; did you mean \"pace\"? expected "
           "one of nat, pace, quiet, votes"},
          {"when on an unknown value", "when: {pace: [real]}", "when: {pace: [reel]}",
           "lab/a.yaml:22:80: unknown value of pace \"reel\"; did you mean \"real\"? expected one "
           "of fast, real"},
          {"when on nothing", "when: {pace: [real]}", "when: {pace: []}",
           "lab/a.yaml:22:79: \"pace\" in \"when\" must be a list with at least one item, this is "
           "an empty list"},
          {"bad duration in a variable", "fast: {nat: 3s", "fast: {nat: 3 s",
           "lab/a.yaml:18:27: in \"${nat + 2s}\": the text \"3 s\" + the duration 2s has no "
           "meaning; expected two durations or two numbers, or a duration * or / a number"},
      });
}

TEST(ScenarioErrors, Controls) {
  expect_messages(
      kPlainScenario,
      {
          {"path into nowhere", "/nodes/n1/keepalive/enabled", "/nodes/n1/keepalive/enable",
           "lab/a.yaml:35:30: the path \"/nodes/n1/keepalive/enable\" leads nowhere: "
           "/nodes/n1/keepalive has no key \"enable\"; did you mean \"enabled\"? expected one of "
           "enabled, idle, interval, count (in control no-keepalive)"},
          {"path into a part that is not there", "/nodes/n1/keepalive/enabled",
           "/nodes/n2/keepalive/enabled",
           "lab/a.yaml:35:30: the path \"/nodes/n2/keepalive/enabled\" leads nowhere: /nodes/n2 is "
           "empty; a path leads only to what the file writes: set it as a whole (in control "
           "no-keepalive)"},
          {"path through a value", "/nodes/n1/keepalive/enabled", "/nodes/n1/preset/x",
           "lab/a.yaml:35:30: the path \"/nodes/n1/preset/x\" leads nowhere: /nodes/n1/preset has "
           "no parts, it is a plain value (in control no-keepalive)"},
          {"path without a slash", "/nodes/n1/keepalive/enabled", "nodes/n1",
           "lab/a.yaml:35:30: the path \"nodes/n1\" must begin with \"/\", as in /nodes/n1/preset "
           "(in control no-keepalive)"},
          {"path into a list", "/nodes/n1/keepalive/enabled", "/steps/quit",
           "lab/a.yaml:35:30: the path \"/steps/quit\" leads nowhere: /steps has no item \"quit\"; "
           "did you mean \"quiet\"? expected one of up, quiet, vote, cut, heal, crash, stop (in "
           "control no-keepalive)"},
          {"path into the controls", "/nodes/n1/keepalive/enabled", "/controls/0",
           "lab/a.yaml:35:30: the path \"/controls/0\" may not change controls (in control "
           "no-keepalive)"},
          {"path into the variables", "/nodes/n1/keepalive/enabled: false", "/vars/nat: 5s",
           "lab/a.yaml:35:30: the path \"/vars/nat\" may not change vars; write \"vars\" beside "
           "\"set\" (in control no-keepalive)"},
          {"unknown variable", "set: {/nodes/n1/keepalive/enabled: false}", "vars: {idle: 1s}",
           "lab/a.yaml:35:31: unknown variable \"idle\"; expected one of nat, pace, quiet, votes"},
          {"changes nothing", "set: {/nodes/n1/keepalive/enabled: false}, ", "",
           "lab/a.yaml:35:5: a control changes nothing; expected \"set\" or \"vars\""},
          {"sets nothing", "set: {/nodes/n1/keepalive/enabled: false}", "set: {}",
           "lab/a.yaml:35:29: \"set\" changes nothing; expected {/path/to/key: value}"},
          {"unknown expectation", "must_fail: [mapped", "must_fail: [maped",
           "lab/a.yaml:35:79: unknown expectation \"maped\"; did you mean \"mapped\"? expected one "
           "of mapped, delivered, refreshed, never-x, told, safe, lost, mechanism"},
          {"fails nothing", "must_fail: [mapped, delivered]", "must_fail: []",
           "lab/a.yaml:35:78: \"must_fail\" must be a list with at least one item, this is an "
           "empty list"},
          {"cell without a matrix", "{id: no-keepalive,", "{id: no-keepalive, cell: {cause: x},",
           "lab/a.yaml:35:30: \"cell\" has a meaning only with a matrix; remove it"},
          {"breaks the run", "/nodes/n1/keepalive/enabled: false", "/nodes/n1/keepalive/idle: 3s",
           "lab/a.yaml:15:16: nat.idle_timeout of link n1-n2 (3s) and keepalive.idle of n1 (3s) "
           "compete; put at least 1s between them, or declare race: true on the expectation (in "
           "control no-keepalive)"},
      });
}

TEST(ScenarioErrors, ControlsOfAMatrix) {
  expect_messages(
      kMatrixScenario,
      {
          {"no cell", "cell: {cause: power-loss, defence: all}, ", "",
           "lab/a.yaml:31:5: a control lacks the key \"cell\""},
          {"part of a cell", "cell: {cause: power-loss, defence: all}", "cell: {cause: power-loss}",
           "lab/a.yaml:31:22: \"cell\" lacks the key \"defence\""},
          {"unknown cell", "cell: {cause: power-loss, defence: all}",
           "cell: {cause: power-loss, defence: al}",
           "lab/a.yaml:31:51: unknown value of defence \"al\"; did you mean \"all\"? expected one "
           "of none, retry, all"},
          {"duplicate control", "controls:\n",
           "controls:\n  - {id: bare, cell: {cause: power-loss, defence: all}, set: "
           "{/nodes/n1/preset: naive}, must_fail: [safe]}\n",
           "lab/a.yaml:32:10: duplicate control id \"bare\"; it was given on line 31"},
      });
}

TEST(ScenarioErrors, ReportWithoutAMatrix) {
  expect_messages(kPlainScenario,
                  {
                      {"report without a matrix", "controls:",
                       "report: {rows: a, columns: b, node: n1, peer: n2, since: vote}\ncontrols:",
                       "lab/a.yaml:34:9: a \"report\" is a table over two axes; it needs a matrix"},
                  });
}

TEST(ScenarioErrors, Matrix) {
  expect_messages(
      kMatrixScenario,
      {
          {"unknown key in a value", "{title: none}", "{titel: none}",
           "lab/a.yaml:27:12: defence=none has an unknown key \"titel\"; did you mean \"title\"? "
           "expected one of title, vars, set"},
          {"undeclared variable", "vars: {down: 4s}", "vars: {dawn: 4s}",
           "lab/a.yaml:25:25: unknown variable \"dawn\"; did you mean \"down\"? expected one of "
           "down, nat"},
          {"axis and variable", "vars: {nat: 3s,", "vars: {cause: x, nat: 3s,",
           "lab/a.yaml:21:3: \"cause\" is both an axis and a variable, so that a \"when\" could "
           "mean either; rename one"},
          {"axis without values", "  defence:\n    none: {title: none}\n",
           "  extra: {}\n  defence:\n    none: {title: none}\n",
           "lab/a.yaml:26:3: the axis \"extra\" has no values"},
          {"path in a cell", "/links/n1-n2/faults", "/links/n2-n1/faults",
           "lab/a.yaml:24:13: the path \"/links/n2-n1/faults\" leads nowhere: /links has no item "
           "\"n2-n1\"; did you mean \"n1-n2\"? expected n1-n2 (in the run with "
           "cause=nat-drop,defence=none)"},
          {"unknown value in when", "when: {cause: nat-drop}", "when: {cause: natdrop}",
           "lab/a.yaml:15:20: unknown value of cause \"natdrop\"; did you mean \"nat-drop\"? "
           "expected one of nat-drop, power-loss (in the run with cause=nat-drop,defence=none)"},
          {"step of another cell", "at_least: 1}, when", "at_least: 1}, since: {step: crash}, when",
           "lab/a.yaml:19:75: unknown step \"crash\"; expected one of up, vote (in the run with "
           "cause=nat-drop,defence=none)"},
          {"same id in one cell", "when: {cause: power-loss}, uncontrolled: x}\n  - {id: safe",
           "when: {cause: [nat-drop, power-loss]}}\n  - {id: safe",
           "lab/a.yaml:16:10: duplicate expectation id \"told\"; it was given on line 14 (in the "
           "run with cause=nat-drop,defence=none)"},
          {"report axis", "rows: cause", "rows: causes",
           "lab/a.yaml:33:16: unknown axis \"causes\"; did you mean \"cause\"? expected one of "
           "cause, defence"},
          {"report axes are one", "columns: defence", "columns: cause",
           "lab/a.yaml:33:9: \"rows\" and \"columns\" must be two different axes"},
          {"report step missing in a cell", "since: vote, undefended", "since: crash, undefended",
           "lab/a.yaml:33:68: unknown step \"crash\"; expected one of up, vote"},
          {"report without undefended", " undefended: none,", "",
           "lab/a.yaml:34:8: a diagnosis of \"log\" needs \"undefended\": the value of defence "
           "that stands for no defence"},
          {"report value", "undefended: none", "undefended: nothing",
           "lab/a.yaml:33:86: unknown value of defence \"nothing\"; expected one of none, retry, "
           "all"},
      });
}

TEST(ScenarioErrors, Noise) {
  expect_messages(
      kPlainScenario,
      {
          {"keep-alive against the mapping", "idle: 1s", "idle: 2500ms",
           "lab/a.yaml:15:16: nat.idle_timeout of link n1-n2 (3s) and keepalive.idle of n1 "
           "(2s500ms) compete; put at least 1s between them, or declare race: true on the "
           "expectation"},
          {"ping against the mapping", "preset: naive, ",
           "preset: naive, ping: {enabled: true, interval: 3s}, ",
           "lab/a.yaml:15:16: nat.idle_timeout of link n1-n2 (3s) and ping.interval of n1 (3s) "
           "compete; put at least 1s between them, or declare race: true on the expectation (in "
           "control no-keepalive)"},
          {"keep-alive against a mapping of a step", "set_fault: {link: n1-n2, blackhole: {}}}",
           "clear_fault: {link: n1-n2, name: nat}}\n"
           "  - {id: late, set_fault: {link: n1-n2, nat: {name: blackhole, idle_timeout: 1s}}}",
           "lab/a.yaml:21:41: nat.idle_timeout of link n1-n2 (1s) and keepalive.idle of n1 (1s) "
           "compete; put at least 1s between them, or declare race: true on the expectation"},
          {"death against a limit", "within: 3s}", "within: 4s}",
           "lab/a.yaml:26:5: within of expectation delivered (4s) and keep-alive's end (idle + "
           "interval * count) of n1 (4s) compete; put at least 1s between them, or declare race: "
           "true on the expectation"},
          {"death against a wait", "  - {id: cut,",
           "  - {id: seen, wait_until: 'votenode_peer_up == 0', within: 3500ms}\n  - {id: cut,",
           "lab/a.yaml:20:5: within of step seen (3s500ms) and keep-alive's end (idle + interval * "
           "count) of n1 (4s) compete; put at least 1s between them, or declare race: true on the "
           "expectation"},
          {"bad duration", "idle: 1s", "idle: 1",
           "lab/a.yaml:11:56: keepalive.idle of node n1: \"1\" is not a duration: expected a "
           "number with a unit, such as 250ms, 3s, 1m30s"},
          {"competing times in another choice", "real: {nat: 30s", "real: {nat: 1s",
           "lab/a.yaml:15:16: nat.idle_timeout of link n1-n2 (1s) and keepalive.idle of n1 (1s) "
           "compete; put at least 1s between them, or declare race: true on the expectation (with "
           "pace=real)"},
          {"bad mapping time", "idle_timeout: \"${nat}\"", "idle_timeout: 3",
           "lab/a.yaml:15:36: idle_timeout of fault nat: \"3\" is not a duration: expected a "
           "number with a unit, such as 250ms, 3s, 1m30s"},
      });
}
}  // namespace
}  // namespace halfopen

// What a person reads when what a scenario does is wrong: one line with the place, what was
// expected and what to do. Each case changes one thing in a good file.
#include <gtest/gtest.h>

#include "tests/unit/harness_model_fixture.hpp"

namespace halfopen {
namespace {

using test::expect_messages;
using test::kPlainScenario;

TEST(ScenarioErrors, Yaml) {
  expect_messages(
      kPlainScenario,
      {
          {"duplicate key", "cost: 2", "cost: 2\ncost: 3",
           "lab/a.yaml:5:1: duplicate key \"cost\"; it was given on line 4"},
          {"duplicate key in flow", "preset: naive, ", "preset: naive, preset: resilient, ",
           "lab/a.yaml:11:23: duplicate key \"preset\"; it was given on line 11"},
          {"bad yaml", "links:\n  - {between: [n1, n2],", "links:\n  - {between: [n1, n2}],",
           "lab/a.yaml:14:15: not valid YAML: the \"[\" opened here is not closed; expected \"]\""},
          {"bad indentation", "  n2: {}", "n2: {}\n   x",
           "lab/a.yaml:13:4: not valid YAML: this line does not belong to the map above it; "
           "expected \"key: value\", as far in as its other keys"},
          {"alias", "cost: 2", "cost: *two",
           "lab/a.yaml:4:7: not valid YAML: an alias is not allowed; use vars and \"${name}\" for "
           "what repeats"},
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
      });
}

TEST(ScenarioErrors, Settings) {
  expect_messages(
      kPlainScenario,
      {
          {"unknown key", "claim: a", "clain: a",
           "lab/a.yaml:2:1: the file has an unknown key \"clain\"; did you mean \"claim\"? "
           "expected one of name, claim, tags, needs, cost, seed, repeat, sysctls, "
           "scrape_interval, vars, choices, nodes, links, steady_state, steps, liveness, expect, "
           "matrix, controls, report"},
          {"unknown key far from any", "cost: 2", "budget: 2",
           "lab/a.yaml:4:1: the file has an unknown key \"budget\"; expected one of name, claim, "
           "tags, needs, cost, seed, repeat, sysctls, scrape_interval, vars, choices, nodes, "
           "links, steady_state, steps, liveness, expect, matrix, controls, report"},
          {"missing key",
           "claim: a keep-alive shorter than the mapping's ${nat} keeps an idle link alive\n", "",
           "lab/a.yaml:1:1: the file lacks the key \"claim\""},
          {"missing nodes",
           "nodes:\n  n1: {preset: naive, keepalive: {enabled: true, idle: 1s, interval: 1s, "
           "count: 3}}\n  n2: {}\n",
           "", "lab/a.yaml:1:1: the file lacks the key \"nodes\""},
          {"wrong type of links",
           "links:\n  - {between: [n1, n2], dialer: n1, inside: n1,\n     faults: [{nat: "
           "{idle_timeout: \"${nat}\", on_next_packet: drop}}]}",
           "links: none", "lab/a.yaml:13:8: \"links\" must be a list, this is \"none\""},
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
           "filter, repair, mark, nft, world:proxy, world:kernel"},
          {"a name twice", "name: blackhole",
           "name: nat}}\n  - {set_fault: {link: n1-n2, syn_drop: "
           "{name: blackhole}",
           "lab/a.yaml:22:31: link n1-n2 has a blackhole called \"blackhole\" at this step, set on "
           "line 20; clear it first"},
          {"a type twice", "blackhole: {}", "nat: {name: other, idle_timeout: 1h}",
           "lab/a.yaml:20:40: link n1-n2 has a nat called \"nat\" at this step, set on line 15; "
           "clear it first"},
          {"restart of who is down", "{stop: {node: n2, kind: graceful}}",
           "{stop: {node: n2}}\n  - {restart: {node: n2}}",
           "lab/a.yaml:24:22: node n2 was stopped by step step-7 and stays down; \"restart\" with "
           "\"down\" stops a node for a while"},
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
           "  n2:", "lab/a.yaml:12:3: node n2 must be a map {key: value}, this is nothing"},
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
           "lab/a.yaml:14:20: a link is between two different nodes, and \"n1\" is both"},
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
           "lab/a.yaml:15:16: unknown fault \"natt\"; did you mean \"nat\"? expected one of nat, "
           "blackhole, peer_restart, syn_drop, refuse, accept_then_silence, reset_on_next, "
           "half_close, asymmetric, flap, one_way_loss, link_down, latency, bandwidth, "
           "slow_close, timeout, reset_peer, slicer, limit_data, noop, corrupt"},
          {"fault without attributes",
           "faults: [{nat: {idle_timeout: \"${nat}\", on_next_packet: drop}}]", "faults: [{nat}]",
           "lab/a.yaml:15:19: fault nat must be a map {key: value}, this is nothing"},
          {"fault as a word", "faults: [{nat: {idle_timeout: \"${nat}\", on_next_packet: drop}}]",
           "faults: [nat]",
           "lab/a.yaml:15:15: a fault must be a map {key: value}, this is \"nat\""},
          {"two faults of one name", "faults: [", "faults: [{latency: {name: nat}}, ",
           "lab/a.yaml:15:40: two faults of link n1-n2 are called \"nat\"; give one of them a "
           "\"name\""},
          {"two faults of one type", "faults: [", "faults: [{nat: {name: far}}, ",
           "lab/a.yaml:15:36: link n1-n2 has a nat already, on line 15, and may have one, "
           "whatever its name; of several on a path the one with the shortest idle_timeout "
           "decides: keep that one"},
          {"two keys in a fault", "faults: [{nat: {", "faults: [{blackhole: {}, nat: {",
           "lab/a.yaml:15:15: a fault must be one key, its type, with its attributes, as in {nat: "
           "{idle_timeout: 3s}}"},
      });
}

TEST(ScenarioErrors, FaultsAndStepsOfALab) {
  expect_messages(
      kPlainScenario,
      {
          {"name of another program", "n2: {}", "harness: {}",
           "lab/a.yaml:12:3: no node can be called \"harness\", which the run has one of already; "
           "choose another name"},
          {"loss without direction", "{link: n1-n2, blackhole: {}}",
           "{link: n1-n2, one_way_loss: {}}",
           "lab/a.yaml:20:40: one_way_loss needs \"toward\", which is inside or outside, as in "
           "{one_way_loss: {toward: outside}}"},
          {"cable of nobody", "{link: n1-n2, blackhole: {}}", "{link: n1-n2, link_down: {at: n1}}",
           "lab/a.yaml:20:56: unknown value of at \"n1\"; expected one of inside, outside"},
          {"misspelt attribute", "{link: n1-n2, blackhole: {}}",
           "{link: n1-n2, link_down: {att: inside}}",
           "lab/a.yaml:20:52: fault link_down has an unknown key \"att\"; did you mean \"at\"? "
           "expected one of at, name"},
          {"flush of no link", "{stop: {node: n2, kind: graceful}}", "{flush_nat: {link: n2}}",
           "lab/a.yaml:23:24: unknown link \"n2\"; expected n1-n2"},
          {"connections of strangers", "{stop: {node: n2, kind: graceful}}",
           "{destroy_connections: {node: n2, peer: n2}}",
           "lab/a.yaml:23:44: there is no link between n2 and n2"},
          {"sysctl of the machine", "n2: {}", "n2: {sysctls: {kernel.panic: 1}}",
           "lab/a.yaml:12:18: \"kernel.panic\" is not a setting of the network; expected a name "
           "such as net.ipv4.tcp_retries2"},
      });
}

TEST(ScenarioErrors, Steps) {
  expect_messages(
      kPlainScenario,
      {
          {"unknown action", "idle_for:", "idle_four:",
           "lab/a.yaml:18:17: a step has an unknown key \"idle_four\"; did you mean \"idle_for\"? "
           "expected one of wait_until, idle_for, cast, set_fault, clear_fault, restart, stop, "
           "flush_nat, destroy_connections, id, "
           "within, when"},
          {"two actions", "idle_for:", "stop: {node: n1}, idle_for:",
           "lab/a.yaml:18:35: a step has both \"stop\" and \"idle_for\"; expected one of them"},
          {"no action", "idle_for: \"${nat + 2s}\"", "when: {pace: fast}",
           "lab/a.yaml:18:5: a step lacks its main key; expected one of wait_until, idle_for, "
           "cast, set_fault, clear_fault, restart, stop, flush_nat, destroy_connections"},
          {"duplicate id", "{id: quiet", "{id: up",
           "lab/a.yaml:18:10: duplicate step id \"up\"; it was given on line 17"},
          {"wait without limit", ", within: 10s", "",
           "lab/a.yaml:17:26: \"wait_until\" needs a limit, as in within: 10s"},
          {"limit on idle", "idle_for: \"${nat + 2s}\"", "idle_for: 5s, within: 6s",
           "lab/a.yaml:18:39: \"within\" belongs to \"wait_until\", not to \"idle_for\"; remove "
           "it"},
          {"duration without unit", "idle_for: \"${nat + 2s}\"", "idle_for: 5",
           "lab/a.yaml:18:27: \"idle_for\": \"5\" is not a duration: expected a number with a "
           "unit, such as 250ms, 3s, 1m30s"},
          {"expression", "min(votenode_peer_up) == 1", "min(votenode_peer_up == 1",
           "lab/a.yaml:17:26: in the condition 'min(votenode_peer_up == 1': column 26: expected "
           "\")\" or an operator, found the end"},
          {"cast from nobody", "cast: {node: n1", "cast: {node: m1",
           "lab/a.yaml:19:29: unknown node \"m1\"; did you mean \"n1\"? expected one of n1, n2"},
          {"cast from a command",
           "  n1: {preset: naive, keepalive: {enabled: true, idle: 1s, interval: 1s, count: 3}}",
           "  n1: {command: [redis-server]}",
           "lab/a.yaml:19:29: node n1 runs a command of its own; only a vote-node can cast a vote"},
          {"no votes", "count: \"${votes}\"", "count: 0",
           "lab/a.yaml:19:40: \"count\" must be a whole number from 1 to 100000, this is \"0\""},
          {"fault on an unknown link", "link: n1-n2, blackhole", "link: n2-n1, blackhole",
           "lab/a.yaml:20:33: unknown link \"n2-n1\"; did you mean \"n1-n2\"? expected n1-n2"},
          {"no fault given", "blackhole: {}}", "}",
           "lab/a.yaml:20:26: \"set_fault\" lacks its main key; expected one of nat, blackhole, "
           "peer_restart, "
           "syn_drop, refuse, accept_then_silence, reset_on_next, "
           "half_close, asymmetric, flap, one_way_loss, link_down, latency, bandwidth, "
           "slow_close, timeout, reset_peer, slicer, limit_data, noop, corrupt"},
          {"clear what is not there", "name: blackhole", "name: black",
           "lab/a.yaml:21:49: unknown fault on link n1-n2 at this step \"black\"; expected one of "
           "blackhole, nat"},
          {"unknown kind in a step of another choice", "kind: power_loss", "kind: powerloss",
           "lab/a.yaml:22:43: unknown kind \"powerloss\"; did you mean \"power_loss\"? expected "
           "one of graceful, crash, power_loss (with pace=real)"},
      });
}

TEST(ScenarioErrors, Expectations) {
  expect_messages(
      kPlainScenario,
      {
          {"no id", "{id: mapped, ", "{", "lab/a.yaml:25:5: an expectation lacks the key \"id\""},
          {"duplicate id", "{id: delivered", "{id: mapped",
           "lab/a.yaml:26:10: duplicate expectation id \"mapped\"; it was given on line 25"},
          {"no body", "never: 'votenode_equivocations_total > 0'", "race: true",
           "lab/a.yaml:29:5: an expectation lacks its main key; expected one of always, never, "
           "eventually, sometimes, holds_for, count, sequence, log, alerts, sends, invariant, "
           "lost_votes, detected_by"},
          {"unknown step", "during: {step: quiet}", "during: {step: quite}",
           "lab/a.yaml:25:88: unknown step \"quite\"; did you mean \"quiet\"? expected one of up, "
           "quiet, vote, cut, heal, step-7"},
          {"step as a word", "during: {step: quiet}", "during: quiet",
           "lab/a.yaml:25:81: \"during\" must be a map {key: value}, this is \"quiet\""},
          {"during and since", "during: {step: quiet}",
           "during: {step: quiet}, since: {step: vote}",
           "lab/a.yaml:25:5: an expectation looks \"during\" a step or \"since\" one, not both"},
          {"within of nothing", "during: {step: quiet}", "within: 3s",
           "lab/a.yaml:25:81: \"within\" counts from a step; add since: {step: ...}"},
          {"expression", "'fault_proxy_nat_refresh_total > 0'",
           "'fault_proxy_nat_refresh_total >> 0'",
           "lab/a.yaml:28:32: in the condition 'fault_proxy_nat_refresh_total >> 0': column 32: "
           "expected an expression, found \">\""},
          {"expression is a list", "'fault_proxy_nat_refresh_total > 0'", "[a]",
           "lab/a.yaml:28:32: a condition must be text, this is a list"},
          {"sends from an unknown node", "sends: {from: n1", "sends: {from: n9",
           "lab/a.yaml:30:30: unknown node \"n9\"; did you mean \"n1\"? expected one of n1, n2"},
          {"unknown errno", "[OK, EPIPE]", "[OK, EPIPPE]",
           "lab/a.yaml:30:52: unknown result of a send \"EPIPPE\"; did you mean \"EPIPE\"? "
           "expected one of OK, EPIPE, ECONNRESET, ETIMEDOUT, EHOSTUNREACH, ENETUNREACH, "
           "ECONNABORTED, EAGAIN, ENOTCONN"},
          {"no result", "are: [OK, EPIPE]", "are: []",
           "lab/a.yaml:30:47: the sends' results must be a list with at least one item, this is an "
           "empty list"},
          {"several outcomes without a race", "are: [OK, EPIPE]", "are_one_of: [[OK], [OK, EPIPE]]",
           "lab/a.yaml:30:42: several outcomes are allowed only where times compete on purpose; "
           "add race: true to the expectation, or use \"are\""},
          {"neither are nor one of", "are: [OK, EPIPE]", "is: [OK, EPIPE]",
           "lab/a.yaml:30:42: \"sends\" has an unknown key \"is\"; expected one of from, to, are, "
           "are_one_of"},
          {"unknown invariant", "no_duplicates", "no_dupes",
           "lab/a.yaml:31:43: unknown invariant \"no_dupes\"; expected one of no_lost_votes, "
           "no_duplicates, no_equivocation, acks_match, detection_within_bound, "
           "no_reconnect_storm, no_stuck_connection"},
          {"lost at least nothing", "at_least: 1", "at_least: 0",
           "lab/a.yaml:32:57: \"at_least: 0\" always holds; expected 1 or more"},
          {"lost without a count", ", at_least: 1", "",
           "lab/a.yaml:32:28: \"lost_votes\" lacks its main key; expected one of equals, at_least, "
           "at_most"},
          {"reason in words", "reason: broken_pipe", "reason: Broken pipe",
           "lab/a.yaml:33:63: unknown reason of a transition \"Broken pipe\"; did you mean "
           "\"broken_pipe\"? expected one of keepalive_timeout, user_timeout, "
           "retransmission_timeout, ping_timeout, ack_timeout, reset, broken_pipe, eof, aborted, "
           "io_error, overflow, protocol_error, refused, unreachable, dial_timeout, dial_failed, "
           "handshake_failed, tls_failed, wrong_key, wrong_network, wrong_version, rate_limited, "
           "unknown_peer, too_many_connections, ... (34 in all)"},
          {"race is not a flag", "since: {step: vote}, uncontrolled: x}\n  - {id: safe",
           "race: maybe}\n  - {id: safe",
           "lab/a.yaml:30:67: \"race\" must be true or false, this is \"maybe\""},
          {"no link between", "are: [OK, EPIPE]",
           "are: [OK, EPIPE]}, since: {step: vote}}\n  - {id: unlinked, sends: {from: n2, to: n2, "
           "are: [OK]",
           "lab/a.yaml:31:42: there is no link between n2 and n2 in this run"},
      });
}

}  // namespace
}  // namespace halfopen

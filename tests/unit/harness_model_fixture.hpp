// Scenario files for tests of the language: one that uses every part, and a way to change a line.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "harness/model/document.hpp"
#include "harness/model/plan.hpp"

namespace halfopen::test {

// One run and one control; every kind of step and expectation.
inline constexpr const char* kPlainScenario = R"(name: keepalive-refreshes-mapping
claim: a keep-alive shorter than the mapping's ${nat} keeps an idle link alive
needs: [filter, repair]
cost: 2
sysctls: {net.ipv4.tcp_retries2: 3}
scrape_interval: 50ms
vars: {nat: 3s, pace: fast, votes: 2}
choices:
  pace: {fast: {nat: 3s, quiet: 5s}, real: {nat: 30s, quiet: 41s}}
nodes:
  n1: {preset: naive, keepalive: {enabled: true, idle: 1s, interval: 1s, count: 3}}
  n2: {}
links:
  - {between: [n1, n2], dialer: n1, inside: n1,
     faults: [{nat: {idle_timeout: "${nat}", on_next_packet: drop}}]}
steps:
  - {id: up, wait_until: 'min(votenode_peer_up) == 1', within: 10s}
  - {id: quiet, idle_for: "${nat + 2s}"}
  - {id: vote, cast: {node: n1, count: "${votes}", every: 200ms}}
  - {id: cut, set_fault: {link: n1-n2, blackhole: {}}}
  - {id: heal, clear_fault: {link: n1-n2, name: blackhole}}
  - {id: crash, restart: {node: n2, kind: power_loss, down: 2s}, when: {pace: [real]}}
  - {stop: {node: n2, kind: graceful}}
expect:
  - {id: mapped, always: 'fault_proxy_nat_entries{proxy="n1-n2"} == 1', during: {step: quiet}}
  - {id: delivered, eventually: 'votenode_votes_acked_total >= ${votes}', since: {step: vote},
     within: 3s}
  - {id: refreshed, sometimes: 'fault_proxy_nat_refresh_total > 0', during: {step: quiet}, uncontrolled: x}
  - {id: never-x, never: 'votenode_equivocations_total > 0', uncontrolled: x}
  - {id: told, sends: {from: n1, to: n2, are: [OK, EPIPE]}, since: {step: vote}, uncontrolled: x}
  - {id: safe, invariant: [no_lost_votes, no_duplicates, no_equivocation], uncontrolled: x}
  - {id: lost, lost_votes: {from: n1, to: n2, at_least: 1}, since: {step: vote}, uncontrolled: x}
  - {id: mechanism, detected_by: {node: n1, peer: n2, reason: broken_pipe}, since: {step: vote}, uncontrolled: x}
controls:
  - {id: no-keepalive, set: {/nodes/n1/keepalive/enabled: false}, must_fail: [mapped, delivered]}
)";

// Two axes, a control in one cell, and a report.
inline constexpr const char* kMatrixScenario = R"(name: 2026-07-30-broken-pipe
claim: which cause fits, and which defence is enough
vars: {nat: 3s, down: 2s}
nodes:
  n1: {preset: naive}
  n2: {}
links:
  - {between: [n1, n2], faults: []}
steps:
  - {id: up, wait_until: 'min(votenode_peer_up) == 1', within: 10s}
  - {id: crash, restart: {node: n2, kind: power_loss, down: "${down}"}, when: {cause: power-loss}}
  - {id: vote, cast: {node: n1}}
expect:
  - {id: told, sends: {from: n1, to: n2, are: [OK]}, since: {step: vote},
     when: {cause: nat-drop}, uncontrolled: x}
  - {id: told, sends: {from: n1, to: n2, are: [OK, ECONNRESET]}, since: {step: vote},
     when: {cause: power-loss}, uncontrolled: x}
  - {id: safe, invariant: [no_lost_votes], when: {defence: [all, retry]}}
  - {id: lost, lost_votes: {from: n1, to: n2, at_least: 1}, when: {defence: none}}
matrix:
  cause:
    nat-drop:
      title: "NAT that drops after ${nat}"
      set: {/links/n1-n2/faults: [{nat: {idle_timeout: "${nat}"}}]}
    power-loss: {vars: {down: 4s}}
  defence:
    none: {title: none}
    retry: {set: {/nodes/n1: {preset: naive, retry: {enabled: true}}}}
    all: {set: {/nodes/n1/preset: resilient}}
controls:
  - {id: bare, cell: {cause: power-loss, defence: all}, set: {/nodes/n1/preset: naive},
     must_fail: [safe]}
report: {rows: cause, columns: defence, node: n1, peer: n2, since: vote, undefended: none,
  log: incident.log}
)";

// One change of a good file, and the message that it must give.
struct ErrorCase {
  const char* what;
  const char* from;
  const char* to;
  const char* message;
};

using Overrides = std::map<std::string, std::string>;

inline Result<Plan> plan_text(const std::string& text, const Overrides& overrides = {}) {
  auto document = parse_yaml(text, "lab/a.yaml");
  if (document.has_error()) return document.error();
  return plan_scenario(*document, overrides);
}

// The text with the first `from` replaced; a `from` that is not there fails the test.
inline std::string changed(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << "the fixture has no \"" << from << "\"";
  if (at != std::string::npos) text.replace(at, from.size(), to);
  return text;
}

inline std::string message_for(const std::string& text, const Overrides& overrides = {}) {
  const auto plan = plan_text(text, overrides);
  return plan.has_value() ? "the file was accepted" : plan.error().text;
}

inline void expect_messages(const char* file, const std::vector<ErrorCase>& cases) {
  for (const ErrorCase& one : cases) {
    EXPECT_EQ(message_for(changed(file, one.from, one.to)), one.message) << one.what;
  }
}

}  // namespace halfopen::test

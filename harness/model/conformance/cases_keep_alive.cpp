// Keep-alive probes: they refresh a mapping, revive it, or find out that it has gone.
//
// A probe counts from the last packet that came in, the mapping from the last that passed. So a
// probe after 4 s meets a mapping of 2 s two seconds after its end.
#include "harness/model/conformance/case_parts.hpp"

namespace halfopen::conformance {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr KeepAlive kFast{.idle_seconds = 1, .interval_seconds = 1, .count = 3};
constexpr KeepAlive kSlow{.idle_seconds = 4, .interval_seconds = 1, .count = 3};
// The kernel's timers add up to an eighth of their length, and a probe rounds to jiffies.
constexpr Duration kTimerSlack = milliseconds(1400);
// The clock starts a moment after the last packet came in.
constexpr Duration kProbed = milliseconds(3800);
constexpr Duration kGivenUp = milliseconds(6800);

FaultSpec nat_after_3s_drop() {
  return nat(R"("idle_timeout": "3s", "on_next_packet": "drop")");
}

Script silent_then_used() {
  return {Idle{seconds(8)}, Exchange{}};
}

Script found_out(End end) {
  return {StartClock{}, AwaitEnd{end, seconds(10), true}};
}

std::vector<Cell> nobody_noticed(const char* usable) {
  return cells({alive("client", ""), alive("server", ""), {{"usable", usable}}});
}

std::vector<Case> refreshing_cases() {
  return {
      {.id = "keep-alive-client-refreshes",
       .claim = "probes of the client alone keep the mapping",
       .faults = {nat_after_3s_drop()},
       .client = {.keep_alive = kFast},
       .script = silent_then_used(),
       .expected = nobody_noticed("yes")},
      {.id = "keep-alive-server-refreshes",
       .claim = "probes of the server alone keep the mapping",
       .faults = {nat_after_3s_drop()},
       .server = {.keep_alive = kFast},
       .script = silent_then_used(),
       .expected = nobody_noticed("yes")},
      {.id = "keep-alive-client-revives",
       .claim = "where a probe of the client revives the mapping, the server can speak again",
       .faults = {nat_after_2s("repick_same_port", "drop")},
       .client = {.keep_alive = kSlow},
       .script = {Idle{seconds(5)}, Send{kTheServer, "news"},
                  AwaitMessage{kTheClient, "news", kSoon}, Exchange{}},
       .expected = cells({alive("client", "news"),
                          end_cells("server", "OK", "", kNothing, kUp),
                          {{"usable", "yes"}}})},
  };
}

// What only the answer to a probe can tell.
std::vector<Case> telling_cases() {
  return {
      {.id = "keep-alive-client-fetches",
       .claim = "what the server said into the black hole arrives after a probe of the client",
       .faults = {nat_after_2s("repick_same_port", "drop")},
       .client = {.keep_alive = kSlow},
       .script = {Idle{kSilence}, Send{kTheServer, "news"},
                  AwaitMessage{kTheClient, "news", seconds(5)}, Exchange{}},
       .expected = cells({alive("client", "news"),
                          end_cells("server", "OK", "", kNothing, kUp),
                          {{"usable", "yes"}}})},
      {.id = "keep-alive-meets-closed",
       .claim = "after a probe the FIN of a server that closed meanwhile gets through",
       .faults = {nat_after_2s("repick_same_port", "drop")},
       .client = {.keep_alive = kSlow},
       .script = {Idle{kSilence}, Close{kTheServer}, AwaitEnd{kTheClient, seconds(9)}},
       .expected = {{"client received", kNothing},
                    {"client learns", "EOF"},
                    {"client state", "CLOSE_WAIT"},
                    {"server received", kNothing},
                    {"server state", "FIN_WAIT2"}}},
      {.id = "keep-alive-meets-aborted",
       .claim = "a probe that is picked up reaches a server that is gone: reset",
       .faults = {nat_after_2s("repick_same_port", "drop")},
       .client = {.keep_alive = kSlow},
       .script = {Idle{kSilence}, Abort{kTheServer}, AwaitEnd{kTheClient, seconds(5)}},
       .expected = {{"client received", kNothing},
                    {"client learns", "ECONNRESET"},
                    {"client state", kGone},
                    {"server received", kNothing},
                    {"server state", kGone}}},
  };
}

std::vector<Case> detecting_cases() {
  return {
      {.id = "keep-alive-too-slow-drop",
       .claim = "a probe slower than the mapping cannot save it, but finds the death out",
       .faults = {nat_after_2s("drop", "drop")},
       .client = {.keep_alive = kSlow},
       .script = found_out(kTheClient),
       .expected = cells({end_cells("client", "", "", "ETIMEDOUT", kGone), alive("server", "")}),
       .times = {{"client detects", kGivenUp, kGivenUp + kTimerSlack}}},
      {.id = "keep-alive-too-slow-reset",
       .claim = "the probe itself draws the reset: an idle program learns of the death",
       .faults = {nat_after_2s("rst", "rst")},
       .client = {.keep_alive = kSlow},
       .script = found_out(kTheClient),
       .expected = cells({end_cells("client", "", "", "ECONNRESET", kGone), alive("server", "")}),
       .times = {{"client detects", kProbed, kProbed + kTimerSlack}}},
      {.id = "keep-alive-too-slow-new-port",
       .claim = "a probe that is picked up on a new port is answered with a reset",
       .faults = {nat_after_2s("repick_new_port", "drop")},
       .client = {.keep_alive = kSlow},
       .script = found_out(kTheClient),
       .expected = cells({end_cells("client", "", "", "ECONNRESET", kGone), alive("server", "")}),
       .times = {{"client detects", kProbed, kProbed + kTimerSlack}}},
      {.id = "keep-alive-server-too-slow-reset",
       .claim = "the server's probe is reset by the NAT box; the client is half-open",
       .faults = {nat_after_2s("repick_same_port", "rst")},
       .server = {.keep_alive = kSlow},
       .script = join({found_out(kTheServer), three_sends(kTheClient, "after")}),
       .expected = cells({end_cells("client", kReset, "", "ECONNRESET", kGone),
                          end_cells("server", "", "", "ECONNRESET", kGone)}),
       .times = {{"server detects", kProbed, kProbed + kTimerSlack}}},
      {.id = "keep-alive-server-too-slow-drop",
       .claim = "the server gives up; the client is half-open, and reset when it speaks",
       .faults = {nat_after_2s("repick_same_port", "drop")},
       .server = {.keep_alive = kSlow},
       .script = join({found_out(kTheServer), three_sends(kTheClient, "after")}),
       .expected = cells({end_cells("client", kReset, "", "ECONNRESET", kGone),
                          end_cells("server", "", "", "ETIMEDOUT", kGone)}),
       .times = {{"server detects", kGivenUp, kGivenUp + kTimerSlack}}},
      {.id = "keep-alive-not-while-unacked",
       .claim = "with data unacknowledged no probe is sent, and the death is not found out",
       .faults = {nat_after_2s("drop", "drop")},
       .client = {.keep_alive = KeepAlive{1, 1, 1}},
       .script = {set(fault("blackhole")), Send{kTheClient, "stuck"},
                  AwaitEnd{kTheClient, seconds(5)}},
       .expected = cells({end_cells("client", "OK", "", kNothing, kWaiting), alive("server", "")})},
  };
}

}  // namespace

std::vector<Case> keep_alive_cases() {
  std::vector<Case> all = refreshing_cases();
  for (auto group : {telling_cases(), detecting_cases()})
    all.insert(all.end(), group.begin(), group.end());
  return all;
}

}  // namespace halfopen::conformance

// Where the proxy world is known not to be a Linux NAT, each with a case that shows it. Expected is
// what the kernel does.
#include "harness/model/conformance/case_parts.hpp"

namespace halfopen::conformance {
namespace {

using std::chrono::seconds;

constexpr const char* kProbesEndHere =
    "a keep-alive probe is answered by the proxy and not carried on, so a host that went while it "
    "could not be heard is found by data alone";
constexpr KeepAlive kSlow{.idle_seconds = 4, .interval_seconds = 1, .count = 3};

FaultSpec resetting_nat() {
  return nat(R"("idle_timeout": "1h", "on_next_packet": "rst", "unacked_timeout": "2s")");
}

std::vector<Case> probe_cases() {
  return {
      {.id = "blackhole-hides-abort",
       .claim = "a probe after the black hole healed reaches a server that is gone: reset",
       .client = {.keep_alive = kSlow},
       .script = {set(fault("blackhole")), Abort{kTheServer}, Idle{seconds(1)}, clear("blackhole"),
                  AwaitEnd{kTheClient, seconds(7)}},
       .expected = {{"client received", kNothing},
                    {"client learns", "ECONNRESET"},
                    {"client state", kGone},
                    {"server received", kNothing},
                    {"server state", kGone}},
       .known_difference = kProbesEndHere},
  };
}

std::vector<Case> lifetime_cases() {
  return {
      {.id = "half-closed-in-silence",
       .claim = "a flow that has seen a FIN lives by other timeouts than an idle one",
       .faults = {nat_after_2s("drop", "drop")},
       .script = {ShutDown{kTheClient}, AwaitEnd{kTheServer, kSoon}, Idle{kSilence},
                  Send{kTheServer, "late"}, AwaitMessage{kTheClient, "late", kSoon}},
       .expected = cells({end_cells("client", "", "late", kNothing, "FIN_WAIT2"),
                          end_cells("server", "OK", "", "EOF", "CLOSE_WAIT")}),
       .known_difference = "conntrack gives a flow with a FIN 120 s and less, the proxy goes on "
                           "with idle_timeout"},
      {.id = "outage-reset-inside-it",
       .claim = "a retransmission that meets no mapping draws the reset while the outage lasts",
       .faults = {resetting_nat()},
       .script = {set(fault("blackhole", R"("at": "outside")")), StartClock{},
                  Send{kTheClient, "in-flight"}, AwaitEnd{kTheClient, seconds(10), true}},
       .expected = cells({end_cells("client", "OK", "", "ECONNRESET", kGone), alive("server", "")}),
       .times = {{"client detects", seconds(5), seconds(8)}},
       .known_difference = "resets wait in the proxy for the outage's end"},
  };
}

}  // namespace

std::vector<Case> known_differences() {
  std::vector<Case> all = probe_cases();
  for (Case& test : lifetime_cases())
    all.push_back(std::move(test));
  return all;
}

}  // namespace halfopen::conformance

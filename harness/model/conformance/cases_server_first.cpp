// After the mapping's end the server speaks first. Its packet is for the NAT box itself, which
// knows nobody at that port: it drops the packet, or its own TCP resets the sender.
#include "harness/model/conformance/case_parts.hpp"

namespace halfopen::conformance {

std::vector<Case> server_first_cases() {
  const Script both_speak =
      join({{Idle{kSilence}}, three_sends(kTheServer, "news"), three_sends(kTheClient, "after")});
  const auto server_reset = end_cells("server", kReset, "", "ECONNRESET", kGone);
  const auto server_waits = end_cells("server", kSwallowed, "", kNothing, kWaiting);
  const auto client_reset = end_cells("client", kReset, "", "ECONNRESET", kGone);
  const auto client_waits = end_cells("client", kSwallowed, "", kNothing, kWaiting);
  return {
      {.id = "server-first-repick-reset",
       .claim = "the NAT box resets the server; the client is half-open until it speaks",
       .faults = {nat_after_2s("repick_same_port", "rst")},
       .script = join({{Idle{kSilence}},
                       three_sends(kTheServer, "news"),
                       {Look{"after the server's reset"}},
                       three_sends(kTheClient, "after")}),
       .expected = cells({client_reset,
                          server_reset,
                          {{"client state after the server's reset", kUp},
                           {"server state after the server's reset", kGone}}})},
      {.id = "server-first-repick-drop",
       .claim = "what the server sent waits until the client speaks; then both arrive",
       .faults = {nat_after_2s("repick_same_port", "drop")},
       .script = {Idle{kSilence}, Send{kTheServer, "news"}, Idle{kSilence / 2},
                  Look{"before the client speaks"}, Send{kTheClient, "knock"},
                  AwaitMessage{kTheServer, "knock", kSoon},
                  AwaitMessage{kTheClient, "news", 2 * kSoon}, Exchange{}},
       .expected = cells({end_cells("client", "OK", "news", kNothing, kUp),
                          end_cells("server", "OK", "knock", kNothing, kUp),
                          {{"usable", "yes"},
                           {"client state before the client speaks", kUp},
                           {"server state before the client speaks", kWaiting}}})},
      {.id = "server-first-drop",
       .claim = "dropped on both sides: a black hole from either end",
       .faults = {nat_after_2s("drop", "drop")},
       .script = both_speak,
       .expected = cells({client_waits, server_waits})},
      {.id = "server-first-drop-reset",
       .claim = "the server is reset, the client's packets are dropped: it is never told",
       .faults = {nat_after_2s("drop", "rst")},
       .script = both_speak,
       .expected = cells({client_waits, server_reset})},
      {.id = "server-first-reset",
       .claim = "each side is reset by the NAT when it speaks",
       .faults = {nat_after_2s("rst", "rst")},
       .script = both_speak,
       .expected = cells({client_reset, server_reset})},
      {.id = "server-first-reset-drop",
       .claim = "the server's packets are dropped, the client is reset",
       .faults = {nat_after_2s("rst", "drop")},
       .script = both_speak,
       .expected = cells({client_reset, server_waits})},
      {.id = "server-first-new-port-drop",
       .claim = "the server's packets are dropped; the client's new port makes the server reset it",
       .faults = {nat_after_2s("repick_new_port", "drop")},
       .script = both_speak,
       .expected = cells({client_reset, server_waits})},
      {.id = "server-first-new-port-reset",
       .claim = "the server is reset by the NAT box, the client by the server's machine",
       .faults = {nat_after_2s("repick_new_port", "rst")},
       .script = both_speak,
       .expected = cells({client_reset, server_reset})},
  };
}

}  // namespace halfopen::conformance

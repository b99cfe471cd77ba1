// After the mapping's end the client speaks first: what its NAT does with a packet from inside.
#include "harness/model/conformance/case_parts.hpp"

namespace halfopen::conformance {

std::vector<Case> client_first_cases() {
  const Script client_speaks = join({{Idle{kSilence}}, three_sends(kTheClient, "after")});
  const std::vector<Cell> black_hole =
      cells({end_cells("client", kSwallowed, "", kNothing, kWaiting), alive("server", "")});
  const std::vector<Cell> reset =
      cells({end_cells("client", kReset, "", "ECONNRESET", kGone), alive("server", "")});
  return {
      {.id = "client-first-repick-same-port",
       .claim = "a NAT that picks a flow up on the same port loses nothing",
       .faults = {nat_after_2s("repick_same_port", "drop")},
       .script = {Idle{kSilence}, Send{kTheClient, "after"},
                  AwaitMessage{kTheServer, "after", kSoon}, Send{kTheServer, "back"},
                  AwaitMessage{kTheClient, "back", kSoon}, Exchange{}},
       .expected = cells({end_cells("client", "OK", "back", kNothing, kUp),
                          end_cells("server", "OK", "after", kNothing, kUp),
                          {{"usable", "yes"}}})},
      {.id = "client-first-repick-new-port",
       .claim = "picked up on a new port, the client is reset by a server that never knew it",
       .faults = {nat_after_2s("repick_new_port", "drop")},
       .script = client_speaks,
       .expected = reset},
      {.id = "client-first-drop",
       .claim = "a NAT that drops is a black hole: every send is accepted, nothing arrives",
       .faults = {nat_after_2s("drop", "drop")},
       .script = client_speaks,
       .expected = black_hole},
      {.id = "client-first-drop-untranslated",
       .claim = "a packet that Linux forwards untranslated is as lost as a dropped one",
       .faults = {nat_after_2s("drop", "drop")},
       .forwards_invalid = true,
       .script = client_speaks,
       .expected = black_hole},
      {.id = "client-first-reset",
       .claim = "a NAT that resets tells the sender alone; the server is half-open",
       .faults = {nat_after_2s("rst", "rst")},
       .script = client_speaks,
       .expected = reset},
      {.id = "client-first-drop-then-server",
       .claim = "in a black hole the server's sends are swallowed as well",
       .faults = {nat_after_2s("drop", "drop")},
       .script = join({client_speaks, three_sends(kTheServer, "reply")}),
       .expected = cells({end_cells("client", kSwallowed, "", kNothing, kWaiting),
                          end_cells("server", kSwallowed, "", kNothing, kWaiting)})},
      {.id = "client-first-reset-then-server",
       .claim = "after the client was reset, the server draws a reset of its own",
       .faults = {nat_after_2s("rst", "rst")},
       .script = join({client_speaks, three_sends(kTheServer, "reply")}),
       .expected = cells({end_cells("client", kReset, "", "ECONNRESET", kGone),
                          end_cells("server", kReset, "", "ECONNRESET", kGone)})},
  };
}

}  // namespace halfopen::conformance

// One end goes after the mapping's end, and nobody tells the other.
#include "harness/model/conformance/case_parts.hpp"

namespace halfopen::conformance {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Script after_silence(const Step& farewell, const Script& then) {
  return join({{Idle{kSilence}, farewell}, then});
}

}  // namespace

std::vector<Case> close_cases() {
  const Script client_speaks = three_sends(kTheClient, "after");
  const auto client_reset = end_cells("client", kReset, "", "ECONNRESET", kGone);
  const auto client_waits = end_cells("client", kSwallowed, "", kNothing, kWaiting);
  constexpr const char* kUnheard = "FIN_WAIT1, unacked";
  return {
      {.id = "server-closes-late-drop",
       .claim = "after the mapping's end a FIN never arrives: the client is half-open",
       .faults = {nat_after_2s("drop", "drop")},
       .script = after_silence(Close{kTheServer}, client_speaks),
       .expected = cells({client_waits, closed("server", "", kUnheard)})},
      {.id = "server-closes-late-reset",
       .claim = "the NAT resets the FIN's sender, and the client when it speaks",
       .faults = {nat_after_2s("rst", "rst")},
       .script = after_silence(Close{kTheServer}, client_speaks),
       .expected = cells({client_reset, closed("server", "", kGone)})},
      {.id = "server-closes-late-repick",
       .claim = "what the half-open client says reaches a server that has closed: reset",
       .faults = {nat_after_2s("repick_same_port", "drop")},
       .script = after_silence(Close{kTheServer}, client_speaks),
       .expected = cells({client_reset, closed("server", "", kGone)})},
      {.id = "server-aborts-late-drop",
       .claim = "after the mapping's end a reset never arrives either",
       .faults = {nat_after_2s("drop", "drop")},
       .script = after_silence(Abort{kTheServer}, client_speaks),
       .expected = cells({client_waits, closed("server", "", kGone)})},
      {.id = "server-aborts-late-repick",
       .claim = "the client learns of the server's abort when it speaks",
       .faults = {nat_after_2s("repick_same_port", "drop")},
       .script = after_silence(Abort{kTheServer}, client_speaks),
       .expected = cells({client_reset, closed("server", "", kGone)})},
      {.id = "client-closes-late-repick",
       .claim = "a FIN is no packet that conntrack picks up: the server is half-open",
       .faults = {nat_after_2s("repick_same_port", "drop")},
       .script = after_silence(Close{kTheClient}, three_sends(kTheServer, "news")),
       .expected = cells({closed("client", "", kUnheard),
                          end_cells("server", kSwallowed, "", kNothing, kWaiting)})},
      {.id = "client-says-goodbye-late",
       .claim = "behind data that is picked up the client's FIN arrives as well",
       .faults = {nat_after_2s("repick_same_port", "drop")},
       .script = {Idle{kSilence}, Send{kTheClient, "goodbye"}, Close{kTheClient},
                  AwaitEnd{kTheServer, seconds(3)}},
       .expected = {{"client sends", "OK"},
                    {"client received", kNothing},
                    {"client state", "FIN_WAIT2"},
                    {"server received", "goodbye"},
                    {"server learns", "EOF"},
                    {"server state", "CLOSE_WAIT"}}},
      {.id = "client-closes-late-drop",
       .claim = "the client's FIN is dropped, and so is what the server says then",
       .faults = {nat_after_2s("drop", "drop")},
       .script = after_silence(Close{kTheClient}, three_sends(kTheServer, "news")),
       .expected = cells({closed("client", "", kUnheard),
                          end_cells("server", kSwallowed, "", kNothing, kWaiting)})},
      {.id = "client-closes-late-reset",
       .claim = "the client's FIN draws a reset, and so does what the server says then",
       .faults = {nat_after_2s("rst", "rst")},
       .script = after_silence(Close{kTheClient}, three_sends(kTheServer, "news")),
       .expected = cells(
           {closed("client", "", kGone), end_cells("server", kReset, "", "ECONNRESET", kGone)})},
      {.id = "client-aborts-late-repick",
       .claim = "a reset is not picked up: the server is half-open, and its sends are dropped",
       .faults = {nat_after_2s("repick_same_port", "drop")},
       .script = after_silence(Abort{kTheClient}, three_sends(kTheServer, "news")),
       .expected = cells(
           {closed("client", "", kGone), end_cells("server", kSwallowed, "", kNothing, kWaiting)})},
  };
}

}  // namespace halfopen::conformance

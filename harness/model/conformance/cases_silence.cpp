// Faults that are no NAT's: black holes, swallowed dials, a machine that loses its power, sockets
// that are destroyed.
#include <utility>

#include "harness/model/conformance/case_parts.hpp"

namespace halfopen::conformance {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::vector<Case> black_hole_cases() {
  return {
      {.id = "blackhole-heals",
       .claim = "what was sent into a black hole arrives after it healed, in order",
       .script = {set(fault("blackhole")), Send{kTheClient, "c1"}, Send{kTheServer, "s1"},
                  Send{kTheClient, "c2"}, Idle{seconds(1)}, Look{"in the dark"}, clear("blackhole"),
                  AwaitMessage{kTheServer, "c2", seconds(5)},
                  AwaitMessage{kTheClient, "s1", seconds(5)}, Exchange{}},
       .expected = cells({end_cells("client", "OK OK", "s1", kNothing, kUp),
                          end_cells("server", "OK", "c1, c2", kNothing, kUp),
                          {{"usable", "yes"},
                           {"client state in the dark", kWaiting},
                           {"server state in the dark", kWaiting}}})},
      {.id = "blackhole-keeps-the-queue",
       .claim = "what was queued when the black hole came, and every probe for it, stays inside",
       .script = {Fill{kTheClient}, set(fault("blackhole")), Hear{kTheServer, seconds(3)},
                  Look{"in the dark"}},
       .expected = cells({end_cells("client", "", "", kNothing, kWaiting),
                          alive("server", ""),
                          {{"server hears", kNothing},
                           {"client state in the dark", kWaiting},
                           {"server state in the dark", kUp}}})},
      {.id = "blackhole-close",
       .claim = "a FIN sent into a black hole arrives after it healed",
       .script = {set(fault("blackhole")), Close{kTheServer}, Idle{seconds(1)}, Look{"in the dark"},
                  clear("blackhole"), AwaitEnd{kTheClient, seconds(5)}},
       .expected = {{"client received", kNothing},
                    {"client learns", "EOF"},
                    {"client state", "CLOSE_WAIT"},
                    {"server received", kNothing},
                    {"server state", "FIN_WAIT2"},
                    {"client state in the dark", kUp},
                    {"server state in the dark", "FIN_WAIT1, unacked"}}},
      {.id = "blackhole-keep-alive",
       .claim = "in a black hole keep-alive finds the death out on both sides",
       .client = {.keep_alive = KeepAlive{2, 1, 2}},
       .server = {.keep_alive = KeepAlive{2, 1, 2}},
       .script = {set(fault("blackhole")), StartClock{}, AwaitEnd{kTheClient, seconds(8), true},
                  AwaitEnd{kTheServer, seconds(3), true}},
       .expected = cells({end_cells("client", "", "", "ETIMEDOUT", kGone),
                          end_cells("server", "", "", "ETIMEDOUT", kGone)}),
       .times = {{"client detects", milliseconds(3500), seconds(6)},
                 {"server detects", milliseconds(3500), seconds(6)}}},
  };
}

std::vector<Case> dial_cases() {
  return {
      {.id = "dial-into-blackhole",
       .claim = "a dial into a black hole hangs; whoever gives up gets nothing",
       .script = {set(fault("blackhole")), BeginDial{}, AwaitDial{seconds(3)},
                  Abort{{Side::kClient, 2}}, clear("blackhole"), Exchange{}},
       .expected = cells({alive("client", ""),
                          alive("server", ""),
                          {{"client 2 received", kNothing},
                           {"client 2 state", kGone},
                           {"dials", "timeout"},
                           {"usable", "yes"}}})},
      {.id = "dial-heals",
       .claim = "a repeated SYN gets through when the black hole heals",
       .script = {set(fault("blackhole")), BeginDial{}, AwaitDial{milliseconds(1500)},
                  clear("blackhole"), AwaitDial{seconds(5)}, Exchange{2}},
       .expected = cells({alive("client", ""),
                          alive("server", ""),
                          alive("client 2", ""),
                          alive("server 2", ""),
                          {{"dials", "timeout, connected"}, {"usable 2", "yes"}}})},
      {.id = "syn-drop",
       .claim = "where SYNs are swallowed, established connections go on and dials wait",
       .script = {set(fault("syn_drop")), BeginDial{}, AwaitDial{milliseconds(1500)}, Exchange{},
                  clear("syn_drop"), AwaitDial{seconds(5)}, Exchange{2}},
       .expected =
           cells({alive("client", ""),
                  alive("server", ""),
                  alive("client 2", ""),
                  alive("server 2", ""),
                  {{"dials", "timeout, connected"}, {"usable", "yes"}, {"usable 2", "yes"}}})},
  };
}

}  // namespace

std::vector<Case> silence_cases() {
  std::vector<Case> all = black_hole_cases();
  for (Case& test : dial_cases())
    all.push_back(std::move(test));
  return all;
}

std::vector<Case> machine_cases() {
  // The server's own view ends with its power.
  const std::vector<Cell> server_was_off{{"server received", kNothing}};
  return {
      {.id = "power-loss-idle",
       .claim = "a machine that lost its power says nothing; after it has booted, a send is reset",
       .script = join({{LosePower{seconds(2)}, Idle{seconds(1)}, Look{"powered off"}, AwaitPower{}},
                       three_sends(kTheClient, "after")}),
       .expected = cells({end_cells("client", kReset, "", "ECONNRESET", kGone),
                          server_was_off,
                          {{"client state powered off", kUp}}})},
      {.id = "power-loss-in-flight",
       .claim = "a retransmission to a machine that has booted draws the reset",
       .script = {LosePower{seconds(2)}, Send{kTheClient, "into the dark"}, Idle{seconds(1)},
                  Look{"powered off"}, AwaitPower{}, AwaitEnd{kTheClient, seconds(6)},
                  Send{kTheClient, "after"}},
       .expected = cells({end_cells("client", "OK EPIPE", "", "ECONNRESET", kGone),
                          server_was_off,
                          {{"client state powered off", kWaiting}}})},
      {.id = "power-loss-dial",
       .claim = "a dial to a machine without power hangs, and connects when it has booted",
       .script = {LosePower{seconds(3)}, BeginDial{}, AwaitDial{seconds(2)}, AwaitPower{},
                  AwaitDial{seconds(5)}, Exchange{2}},
       .expected = cells({alive("client", ""),
                          server_was_off,
                          alive("client 2", ""),
                          alive("server 2", ""),
                          {{"dials", "timeout, connected"}, {"usable 2", "yes"}}})},
      {.id = "destroyed-at-client",
       .claim = "SOCK_DESTROY: ECONNABORTED for the program here, ECONNRESET for its peer",
       .script = {StartClock{}, destroy_sockets(Side::kClient), AwaitEnd{kTheServer, kSoon, true},
                  AwaitEnd{kTheClient, kSoon}},
       .expected = cells({end_cells("client", "", "", "ECONNABORTED", kGone),
                          end_cells("server", "", "", "ECONNRESET", kGone)}),
       .times = {{"server detects", Duration{0}, seconds(1)}}},
      {.id = "destroyed-at-server",
       .claim = "destroyed at the server, the client's first send fails",
       .script = join({{destroy_sockets(Side::kServer), Idle{milliseconds(300)}},
                       three_sends(kTheClient, "after"),
                       {AwaitEnd{kTheServer, kSoon}}}),
       .expected = cells({end_cells("client", "ECONNRESET EPIPE EPIPE", "", "ECONNRESET", kGone),
                          end_cells("server", "", "", "ECONNABORTED", kGone)})},
  };
}

}  // namespace halfopen::conformance

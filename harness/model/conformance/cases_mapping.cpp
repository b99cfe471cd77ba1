// What a mapping is: one connection's own, made by every dial, alive again after it was picked up,
// and ruled by what the NAT is set to now.
#include "harness/model/conformance/case_parts.hpp"

namespace halfopen::conformance {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr End kSecondClient{Side::kClient, 2};
constexpr End kSecondServer{Side::kServer, 2};

std::vector<Case> dialling_cases() {
  const Script dial_again = {BeginDial{}, AwaitDial{kSoon}, Exchange{2}};
  const std::vector<Cell> dialled = cells({alive("client 2", ""),
                                           alive("server 2", ""),
                                           {{"dials", "connected"}, {"usable 2", "yes"}}});
  return {
      {.id = "dial-after-expiry-drop",
       .claim = "where the old connection is a black hole, a new one works at once",
       .faults = {nat_after_2s("drop", "drop")},
       .script = join({{Idle{kSilence}}, three_sends(kTheClient, "after"), dial_again}),
       .expected = cells({end_cells("client", kSwallowed, "", kNothing, kWaiting),
                          alive("server", ""), dialled})},
      {.id = "dial-after-expiry-reset",
       .claim = "where the old connection is reset, a new one works at once",
       .faults = {nat_after_2s("rst", "rst")},
       .script = join({{Idle{kSilence}}, three_sends(kTheClient, "after"), dial_again}),
       .expected = cells(
           {end_cells("client", kReset, "", "ECONNRESET", kGone), alive("server", ""), dialled})},
      {.id = "dial-after-flush",
       .claim = "a flushed table takes new connections",
       .faults = {nat(R"("idle_timeout": "1h", "on_next_packet": "drop")")},
       .script = join({{flush()}, dial_again, {Send{kTheClient, "after"}}}),
       .expected = cells(
           {end_cells("client", "OK", "", kNothing, kWaiting), alive("server", ""), dialled})},
      {.id = "dial-into-outage",
       .claim = "a dial that the NAT lets through hangs as well when the line behind it is down",
       .faults = {nat(R"("idle_timeout": "1h", "on_next_packet": "drop")")},
       .script = {set(fault("blackhole", R"("at": "outside")")), BeginDial{},
                  AwaitDial{milliseconds(1500)}, clear("blackhole"), AwaitDial{seconds(5)},
                  Exchange{2}, Exchange{}},
       .expected =
           cells({alive("client", ""),
                  alive("server", ""),
                  alive("client 2", ""),
                  alive("server 2", ""),
                  {{"dials", "timeout, connected"}, {"usable", "yes"}, {"usable 2", "yes"}}})},
      {.id = "each-has-its-own",
       .claim = "a connection that talks does not keep another one's mapping",
       .faults = {nat_after_2s("drop", "drop")},
       .script = join({{BeginDial{}, AwaitDial{kSoon}, Exchange{2}, Idle{seconds(1)},
                        Send{kSecondClient, "c1"}, Idle{seconds(1)}, Send{kSecondServer, "s1"},
                        Idle{seconds(1)}, Send{kSecondClient, "c2"}},
                       three_sends(kTheClient, "after")}),
       .expected = cells({end_cells("client", kSwallowed, "", kNothing, kWaiting),
                          end_cells("client 2", "OK OK", "s1", kNothing, kUp),
                          alive("server", ""),
                          end_cells("server 2", "OK", "c1, c2", kNothing, kUp),
                          {{"dials", "connected"}, {"usable 2", "yes"}}})},
  };
}

std::vector<Case> changing_cases() {
  return {
      {.id = "repick-expires-again",
       .claim = "a mapping that was picked up lives its timeout, and ends again",
       .faults = {nat_after_2s("repick_same_port", "rst")},
       .script =
           join({{Idle{kSilence}, Send{kTheClient, "c1"}, AwaitMessage{kTheServer, "c1", kSoon},
                  Idle{seconds(1)}, Send{kTheServer, "s1"}, AwaitMessage{kTheClient, "s1", kSoon},
                  Idle{kSilence}},
                 three_sends(kTheServer, "news")}),
       .expected =
           cells({end_cells("client", "OK", "s1", kNothing, kUp),
                  end_cells("server", "OK OK ECONNRESET EPIPE", "c1", "ECONNRESET", kGone)})},
      {.id = "nat-set-late",
       .claim = "a connection that is older than the NAT's timeout is ruled by it from now on",
       .script =
           join({{set(nat_after_2s("drop", "drop")), Idle{seconds(1)}, Exchange{}, Idle{kSilence}},
                 three_sends(kTheClient, "after")}),
       .expected = cells({end_cells("client", kSwallowed, "", kNothing, kWaiting),
                          alive("server", ""),
                          {{"usable", "yes"}}})},
      {.id = "nat-cleared-in-time",
       .claim = "a timeout that is taken away in time ends nothing",
       .faults = {nat_after_2s("drop", "drop")},
       .script = {Idle{seconds(1)}, clear("nat"), Idle{kSilence}, Exchange{}},
       .expected = cells({alive("client", ""), alive("server", ""), {{"usable", "yes"}}})},
      {.id = "nat-cleared-late",
       .claim = "what the client sent into the black hole arrives when the NAT forgives",
       .faults = {nat_after_2s("drop", "drop")},
       .script = {Idle{kSilence}, Send{kTheClient, "stuck"}, Idle{seconds(1)}, clear("nat"),
                  AwaitMessage{kTheServer, "stuck", seconds(4)}, Exchange{}},
       .expected = cells({end_cells("client", "OK", "", kNothing, kUp),
                          alive("server", "stuck"),
                          {{"usable", "yes"}}})},
  };
}

}  // namespace

std::vector<Case> mapping_cases() {
  std::vector<Case> all = dialling_cases();
  for (Case& test : changing_cases())
    all.push_back(std::move(test));
  return all;
}

}  // namespace halfopen::conformance

// Controls: before the mapping's end everything is as if there were no NAT.
#include "harness/model/conformance/case_parts.hpp"

namespace halfopen::conformance {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

FaultSpec living_nat() {
  return nat(R"("idle_timeout": "1h", "on_next_packet": "drop")");
}

std::vector<Case> talking_cases() {
  Script talk;
  Script news;
  for (int round = 1; round <= 4; ++round) {
    talk.emplace_back(Send{kTheClient, "c" + std::to_string(round)});
    talk.emplace_back(Send{kTheServer, "s" + std::to_string(round)});
    talk.emplace_back(Idle{milliseconds(800)});
    news.emplace_back(Send{kTheServer, "s" + std::to_string(round)});
    news.emplace_back(Idle{milliseconds(800)});
  }
  return {
      {.id = "in-time-both-talk",
       .claim = "control: traffic that is faster than the timeout keeps the mapping",
       .faults = {nat_after_2s("drop", "drop")},
       .script = join({talk, {Exchange{}}}),
       .expected = cells({end_cells("client", "OK OK OK OK", "s1, s2, s3, s4", kNothing, kUp),
                          end_cells("server", "OK OK OK OK", "c1, c2, c3, c4", kNothing, kUp),
                          {{"usable", "yes"}}})},
      {.id = "in-time-server-talks",
       .claim = "control: traffic from outside alone keeps the mapping as well",
       .faults = {nat_after_2s("drop", "drop")},
       .script = join({news, {Exchange{}}}),
       .expected = cells({alive("client", "s1, s2, s3, s4"),
                          end_cells("server", "OK OK OK OK", "", kNothing, kUp),
                          {{"usable", "yes"}}})},
  };
}

std::vector<Case> closing_cases() {
  return {
      {.id = "in-time-server-closes",
       .claim = "control: an ignored FIN gives OK, then EPIPE, and never ECONNRESET",
       .faults = {living_nat()},
       .script = join({{Close{kTheServer}, Idle{milliseconds(300)}, Look{"after the FIN"}},
                       three_sends(kTheClient, "after")}),
       .expected = cells({end_cells("client", "OK EPIPE EPIPE", "", "EPIPE", kGone),
                          closed("server", "", kGone),
                          {{"client state after the FIN", "CLOSE_WAIT"},
                           {"server state after the FIN", "FIN_WAIT2"}}})},
      {.id = "in-time-server-closes-seen",
       .claim = "control: a client that reads is told EOF at once",
       .faults = {living_nat()},
       .script = {StartClock{}, Close{kTheServer}, AwaitEnd{kTheClient, kSoon, true},
                  Close{kTheClient}},
       .expected = cells({closed("client", "", kGone), closed("server", "", "TIME_WAIT")}),
       .times = {{"client detects", Duration{0}, seconds(1)}}},
      {.id = "in-time-server-aborts",
       .claim = "control: a reset that arrives makes the very first send fail",
       .faults = {living_nat()},
       .script =
           join({{Abort{kTheServer}, Idle{milliseconds(300)}}, three_sends(kTheClient, "after")}),
       .expected = cells({end_cells("client", "ECONNRESET EPIPE EPIPE", "", "ECONNRESET", kGone),
                          closed("server", "", kGone)})},
      {.id = "in-time-client-aborts",
       .claim = "control: the server is told of the client's abort",
       .faults = {living_nat()},
       .script = {StartClock{}, Abort{kTheClient}, AwaitEnd{kTheServer, kSoon, true}},
       .expected =
           cells({closed("client", "", kGone), end_cells("server", "", "", "ECONNRESET", kGone)}),
       .times = {{"server detects", Duration{0}, seconds(1)}}},
      {.id = "in-time-half-close",
       .claim = "control: after the client's FIN the server can still send",
       .faults = {living_nat()},
       .script = {Send{kTheClient, "last"}, ShutDown{kTheClient}, AwaitEnd{kTheServer, kSoon},
                  Send{kTheServer, "s1"}, Send{kTheServer, "s2"},
                  AwaitMessage{kTheClient, "s2", kSoon}, Look{"half closed"}, Close{kTheServer},
                  AwaitEnd{kTheClient, kSoon}},
       .expected = cells({end_cells("client", "OK", "s1, s2", "EOF", "TIME_WAIT"),
                          {{"server sends", "OK OK"}},
                          closed("server", "last", kGone),
                          {{"client state half closed", "FIN_WAIT2"},
                           {"server state half closed", "CLOSE_WAIT"}}})},
      {.id = "in-time-abort-behind-fin",
       .claim = "control: a reset behind the FIN is told, too: the very next send fails",
       .faults = {living_nat()},
       .script = {ShutDown{kTheServer}, Idle{milliseconds(500)}, Abort{kTheServer},
                  Idle{milliseconds(500)}, Send{kTheClient, "a"}, Send{kTheClient, "b"}},
       .expected = cells(
           {end_cells("client", "EPIPE EPIPE", "", "EPIPE", kGone), closed("server", "", kGone)})},
      {.id = "in-time-abort-behind-data",
       .claim = "control: what was sent before a reset can still be read",
       .faults = {living_nat()},
       .script = {Send{kTheServer, "last"}, Abort{kTheServer}, AwaitEnd{kTheClient, kSoon}},
       .expected = cells({end_cells("client", "", "last", "ECONNRESET", kGone),
                          {{"server sends", "OK"}},
                          closed("server", "", kGone)})},
  };
}

}  // namespace

std::vector<Case> control_cases() {
  std::vector<Case> all = talking_cases();
  for (Case& test : closing_cases())
    all.push_back(std::move(test));
  return all;
}

}  // namespace halfopen::conformance

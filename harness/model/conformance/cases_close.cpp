// One end goes: after the mapping's end nobody tells the other. Before it, as controls, everybody
// is told at once.
#include "harness/model/conformance/case_parts.hpp"

namespace halfopen::conformance {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

FaultSpec living_nat() {
  return nat(R"("idle_timeout": "1h", "on_next_packet": "drop")");
}

Script after_silence(const Step& farewell, const Script& then) {
  return join({{Idle{kSilence}, farewell}, then});
}

// An end that has closed: it learns nothing more, and its kernel may keep the connection.
std::vector<Cell> closed(const std::string& end, const std::string& received,
                         const std::string& state) {
  return {{end + " received", received.empty() ? kNothing : received}, {end + " state", state}};
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

std::vector<Case> control_cases() {
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
      {.id = "in-time-abort-behind-data",
       .claim = "control: what was sent before a reset can still be read",
       .faults = {living_nat()},
       .script = {Send{kTheServer, "last"}, Abort{kTheServer}, AwaitEnd{kTheClient, kSoon}},
       .expected = cells({end_cells("client", "", "last", "ECONNRESET", kGone),
                          {{"server sends", "OK"}},
                          closed("server", "", kGone)})},
  };
}

}  // namespace halfopen::conformance

// The mapping goes for another reason than silence: the table is flushed, or the network beyond
// the NAT is down while data is in flight, for which a NAT waits much less long.
//
// The kernel retransmits after about 0.2, 0.4, 0.8, 1.7, 3.4, 6.7 and 13.5 s. So an unacked timeout
// of 2 s ends after the retransmission at 3.4 s, and one of 3 s lives through an outage of 2 s.
#include "harness/model/conformance/case_parts.hpp"

namespace halfopen::conformance {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

FaultSpec endless_nat(std::string_view inside, std::string_view outside,
                      std::string_view unacked = "") {
  std::string more;
  if (!unacked.empty()) more = R"(, "unacked_timeout": ")" + std::string(unacked) + "\"";
  return nat(R"("idle_timeout": "1h", "on_next_packet": {"inside": ")" + std::string(inside) +
             R"(", "outside": ")" + std::string(outside) + "\"}" + more);
}

FaultSpec outage(std::string_view at) {
  return fault("blackhole", R"("at": ")" + std::string(at) + "\"");
}

// The client's message is in flight when the line beyond the NAT fails.
Script client_in_outage(Duration length, Duration patience) {
  return {set(outage("outside")), Send{kTheClient, "in-flight"}, Idle{length}, clear("blackhole"),
          AwaitMessage{kTheServer, "in-flight", patience}};
}

std::vector<Case> client_outage_cases() {
  return {
      {.id = "outage-long-drop",
       .claim = "unacknowledged data shortens a mapping's life: after the outage it is gone",
       .faults = {endless_nat("drop", "drop", "2s")},
       .script = join({client_in_outage(seconds(9), seconds(7)), {Send{kTheClient, "after"}}}),
       .expected =
           cells({end_cells("client", "OK OK", "", kNothing, kWaiting), alive("server", "")})},
      {.id = "outage-long-reset",
       .claim = "after the outage the client is reset: its retransmissions met no mapping",
       .faults = {endless_nat("rst", "rst", "2s")},
       .script = join({client_in_outage(seconds(9), milliseconds(500)),
                       {AwaitEnd{kTheClient, seconds(7)}, Send{kTheClient, "after"}}}),
       .expected =
           cells({end_cells("client", "OK EPIPE", "", "ECONNRESET", kGone), alive("server", "")})},
      {.id = "outage-long-repick",
       .claim = "a NAT that picks flows up forgets the outage",
       .faults = {endless_nat("repick_same_port", "drop", "2s")},
       .script = join({client_in_outage(seconds(9), seconds(7)), {Exchange{}}}),
       .expected = cells({end_cells("client", "OK", "", kNothing, kUp),
                          alive("server", "in-flight"),
                          {{"usable", "yes"}}})},
      {.id = "outage-short",
       .claim = "an outage shorter than the unacked timeout is survived",
       .faults = {endless_nat("drop", "drop", "3s")},
       .script = join({client_in_outage(seconds(2), seconds(4)), {Exchange{}}}),
       .expected = cells({end_cells("client", "OK", "", kNothing, kUp),
                          alive("server", "in-flight"),
                          {{"usable", "yes"}}})},
      {.id = "outage-idle",
       .claim = "an outage without data in flight is never noticed",
       .faults = {endless_nat("drop", "drop", "2s")},
       .script = {set(outage("outside")), Idle{seconds(4)}, clear("blackhole"), Exchange{}},
       .expected = cells({alive("client", ""), alive("server", ""), {{"usable", "yes"}}})},
      {.id = "outage-user-timeout",
       .claim = "TCP_USER_TIMEOUT ends a send that nobody acknowledges",
       .faults = {endless_nat("drop", "drop")},
       .client = {.user_timeout = seconds(3)},
       .script = {set(outage("both")), StartClock{}, Send{kTheClient, "in-flight"},
                  AwaitEnd{kTheClient, seconds(9), true}},
       .expected = cells({end_cells("client", "OK", "", "ETIMEDOUT", kGone), alive("server", "")}),
       .times = {{"client detects", milliseconds(2900), seconds(5)}}},
      {.id = "outage-retries",
       .claim = "without it, tcp_retries2 decides when the kernel gives up",
       .faults = {endless_nat("drop", "drop")},
       .sysctls = {{"net.ipv4.tcp_retries2", "3"}},
       .script = {set(outage("both")), StartClock{}, Send{kTheClient, "in-flight"},
                  AwaitEnd{kTheClient, seconds(10), true}},
       .expected = cells({end_cells("client", "OK", "", "ETIMEDOUT", kGone), alive("server", "")}),
       .times = {{"client detects", seconds(2), seconds(8)}}},
  };
}

// The server's message has passed the NAT's outside when the line to the client fails.
std::vector<Case> server_outage_cases() {
  return {
      {.id = "outage-inside-reset",
       .claim = "an outage between client and NAT: the server's retransmission draws the reset",
       .faults = {endless_nat("rst", "rst", "2s")},
       .script = join({{set(outage("inside")), Send{kTheServer, "in-flight"}, Idle{seconds(9)},
                        clear("blackhole"), AwaitEnd{kTheServer, seconds(7)}},
                       three_sends(kTheClient, "after")}),
       .expected = cells({end_cells("client", kReset, "", "ECONNRESET", kGone),
                          end_cells("server", "OK", "", "ECONNRESET", kGone)})},
      {.id = "outage-inside-short",
       .claim = "a short outage between client and NAT is survived",
       .faults = {endless_nat("drop", "drop", "3s")},
       .script = {set(outage("inside")), Send{kTheServer, "in-flight"}, Idle{seconds(2)},
                  clear("blackhole"), AwaitMessage{kTheClient, "in-flight", seconds(4)},
                  Exchange{}},
       .expected = cells({alive("client", "in-flight"),
                          end_cells("server", "OK", "", kNothing, kUp),
                          {{"usable", "yes"}}})},
  };
}

}  // namespace

std::vector<Case> flush_cases() {
  const Script flushed = join({{flush()}, three_sends(kTheClient, "after")});
  return {
      {.id = "flush-repick",
       .claim = "a table that was flushed is filled again by the client's next packet",
       .faults = {endless_nat("repick_same_port", "drop")},
       .script = {flush(), Send{kTheClient, "after"}, AwaitMessage{kTheServer, "after", kSoon},
                  Exchange{}},
       .expected = cells({end_cells("client", "OK", "", kNothing, kUp),
                          alive("server", "after"),
                          {{"usable", "yes"}}})},
      {.id = "flush-drop",
       .claim = "a flushed table that picks nothing up is a black hole",
       .faults = {endless_nat("drop", "drop")},
       .script = flushed,
       .expected =
           cells({end_cells("client", kSwallowed, "", kNothing, kWaiting), alive("server", "")})},
      {.id = "flush-reset",
       .claim = "a flushed table that resets tells the sender",
       .faults = {endless_nat("rst", "rst")},
       .script = flushed,
       .expected =
           cells({end_cells("client", kReset, "", "ECONNRESET", kGone), alive("server", "")})},
      {.id = "flush-server-first",
       .claim = "after a flush the server's packet meets nobody: the NAT box resets it",
       .faults = {endless_nat("repick_same_port", "rst")},
       .script = join({{flush()}, three_sends(kTheServer, "news")}),
       .expected =
           cells({alive("client", ""), end_cells("server", kReset, "", "ECONNRESET", kGone)})},
  };
}

std::vector<Case> outage_cases() {
  std::vector<Case> all = client_outage_cases();
  for (Case& test : server_outage_cases())
    all.push_back(std::move(test));
  return all;
}

}  // namespace halfopen::conformance

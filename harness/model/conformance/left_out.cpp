#include "harness/model/conformance/left_out.hpp"

#include <array>
#include <string_view>

#include "harness/model/conformance/cases.hpp"

namespace halfopen::conformance {
namespace {

struct LeftOut {
  std::string_view what;
  std::string_view why;
};

constexpr std::array kLeftOut{
    LeftOut{"nat refresh_by: bytes", "exact in the proxy, but conntrack counts packets"},
    LeftOut{"nat on_expiry: rst_both, rst_inside, fin_both",
            "exact in the proxy, but conntrack forgets in silence"},
    LeftOut{"nat revive_by: any",
            "a Linux NAT cannot translate a packet from outside back without its mapping"},
    LeftOut{"nat whose inside is the listener", "nobody can dial through a Linux NAT from outside"},
    LeftOut{"after expiry, a half-close through a NAT that takes a new port, or that resets",
            "approximate: the proxy answers a FIN that a Linux NAT may drop"},
    LeftOut{"power loss behind a NAT", "approximate: a mapping may outlive the machine"},
    LeftOut{"which packets refresh", "approximate: the ACKs on a leg are the proxy's kernel's own"},
    LeftOut{"peer_restart graceful, crash", "approximate: the FIN or RST is the proxy's"},
    LeftOut{"a refused upstream",
            "approximate: the client's handshake completes before the upstream is dialled"},
    LeftOut{"asymmetric how: rst, fin", "exact in the proxy, but a router tells nobody"},
    LeftOut{"half_close", "exact in the proxy, but a router forges no FIN"},
    LeftOut{"accept_then_silence", "exact in the proxy, but a router has no process that hangs"},
    LeftOut{"flap", "exact in the proxy, but a router keeps no timetable"},
    LeftOut{"latency, bandwidth and all that shapes bytes", "a router sees packets, not streams"},
    LeftOut{"one_way_loss", "the kernel world's own word: a blackhole with a direction is in both"},
    LeftOut{"link_down", "impossible in the proxy: it has no cable"},
    LeftOut{"restarts of the client's machine",
            "impossible in the proxy: the client's end is a real socket beside it"},
};

}  // namespace

std::string left_out_text() {
  std::string text = "Known differences (halfopen conformance ID shows one):\n";
  for (const Case& test : all_cases()) {
    if (test.known_difference.empty()) continue;
    text += "    " + test.id + ": " + test.known_difference + "\n";
  }
  text += "Left out, since one of the worlds cannot be exact:\n";
  for (const LeftOut& left_out : kLeftOut)
    text += "    " + std::string(left_out.what) + ": " + std::string(left_out.why) + "\n";
  return text;
}

}  // namespace halfopen::conformance

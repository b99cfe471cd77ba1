// Resets, refusals and losses that no mapping's end has to do with: what one side is told, and what
// the other goes on believing.
#include <utility>

#include "harness/model/conformance/case_parts.hpp"

namespace halfopen::conformance {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr KeepAlive kQuick{.idle_seconds = 1, .interval_seconds = 1, .count = 3};

std::vector<Case> reset_on_next_cases() {
  return {
      {.id = "reset-on-next-client",
       .claim = "the client's next packet draws a reset; the server learns it from its own",
       .script = join({{set(fault("reset_on_next"))},
                       three_sends(kTheClient, "after"),
                       {Look{"then"}},
                       three_sends(kTheServer, "news")}),
       .expected = cells({end_cells("client", kReset, "", "ECONNRESET", kGone),
                          end_cells("server", kReset, "", "ECONNRESET", kGone),
                          {{"client state then", kGone}, {"server state then", kUp}}})},
      {.id = "reset-on-next-probe",
       .claim = "a keep-alive probe draws the reset: the client learns it without a word",
       .client = {.keep_alive = kQuick},
       .script = {set(fault("reset_on_next")), StartClock{},
                  AwaitEnd{kTheClient, seconds(4), true}},
       .expected = cells({end_cells("client", "", "", "ECONNRESET", kGone), alive("server", "")}),
       .times = {{"client detects", milliseconds(500), seconds(3)}}},
      {.id = "reset-on-next-one-side",
       .claim = "the client alone is reset, and what the server says vanishes",
       .script = join({{set(fault("reset_on_next", R"("side": "client")"))},
                       three_sends(kTheServer, "news"),
                       three_sends(kTheClient, "after")}),
       .expected = cells({end_cells("client", kReset, "", "ECONNRESET", kGone),
                          end_cells("server", kSwallowed, "", kNothing, kWaiting)})},
      {.id = "reset-on-next-unmet",
       .claim = "removed before anybody spoke, it has done nothing",
       .script = {set(fault("reset_on_next")), Idle{seconds(1)}, clear("reset_on_next"),
                  Exchange{}},
       .expected = cells({alive("client", ""), alive("server", ""), {{"usable", "yes"}}})},
      {.id = "reset-on-next-new-dial",
       .claim = "who dials afterwards is not meant",
       .script = {set(fault("reset_on_next")), BeginDial{}, AwaitDial{kSoon}, Exchange{2}},
       .expected = cells({alive("client", ""),
                          alive("server", ""),
                          alive("client 2", ""),
                          alive("server 2", ""),
                          {{"dials", "connected"}, {"usable 2", "yes"}}})},
  };
}

std::vector<Case> forgotten_cases() {
  return {
      {.id = "asymmetric-drop",
       .claim = "one side is forgotten: it is reset when it speaks, the other speaks into nothing",
       .script = join({{set(fault("asymmetric"))},
                       three_sends(kTheServer, "news"),
                       three_sends(kTheClient, "after")}),
       .expected = cells({end_cells("client", kReset, "", "ECONNRESET", kGone),
                          end_cells("server", kSwallowed, "", kNothing, kWaiting)})},
      {.id = "asymmetric-server-drop",
       .claim = "the server is forgotten: the client is half-open and speaks into nothing",
       .script = join({{set(fault("asymmetric", R"("forget": "upstream")"))},
                       three_sends(kTheClient, "after"),
                       three_sends(kTheServer, "news")}),
       .expected = cells({end_cells("client", kSwallowed, "", kNothing, kWaiting),
                          end_cells("server", kReset, "", "ECONNRESET", kGone)})},
      {.id = "asymmetric-reset",
       .claim = "both are reset when they speak, each by its own packet",
       .script = join({{set(fault("asymmetric", R"("then": "rst")"))},
                       three_sends(kTheServer, "news"),
                       three_sends(kTheClient, "after")}),
       .expected = cells({end_cells("client", kReset, "", "ECONNRESET", kGone),
                          end_cells("server", kReset, "", "ECONNRESET", kGone)})},
  };
}

std::vector<Case> one_way_cases() {
  return {
      {.id = "one-way-to-server",
       .claim =
           "what the client says is lost; what the server says arrives, and is never confirmed",
       .script = {set(fault("blackhole", R"("direction": "upstream")")), Send{kTheClient, "c1"},
                  Send{kTheServer, "s1"}, AwaitMessage{kTheClient, "s1", kSoon},
                  Look{"in the dark"}, Idle{milliseconds(500)}, clear("blackhole"),
                  AwaitMessage{kTheServer, "c1", seconds(5)}, Exchange{}},
       .expected = cells({end_cells("client", "OK", "s1", kNothing, kUp),
                          end_cells("server", "OK", "c1", kNothing, kUp),
                          {{"usable", "yes"},
                           {"client state in the dark", kWaiting},
                           {"server state in the dark", kWaiting}}})},
      {.id = "one-way-to-client",
       .claim =
           "what the server says is lost; what the client says arrives, and is never confirmed",
       .script = {set(fault("blackhole", R"("direction": "downstream")")), Send{kTheServer, "s1"},
                  Send{kTheClient, "c1"}, AwaitMessage{kTheServer, "c1", kSoon},
                  Look{"in the dark"}, Idle{milliseconds(500)}, clear("blackhole"),
                  AwaitMessage{kTheClient, "s1", seconds(5)}, Exchange{}},
       .expected = cells({end_cells("client", "OK", "s1", kNothing, kUp),
                          end_cells("server", "OK", "c1", kNothing, kUp),
                          {{"usable", "yes"},
                           {"client state in the dark", kWaiting},
                           {"server state in the dark", kWaiting}}})},
      {.id = "one-way-probe",
       .claim = "keep-alive finds out that nothing comes back, and its reset gets through",
       .client = {.keep_alive = KeepAlive{2, 1, 2}},
       .script = {set(fault("blackhole", R"("direction": "downstream")")), StartClock{},
                  AwaitEnd{kTheClient, seconds(8), true}},
       .expected = {{"client received", kNothing},
                    {"client learns", "ETIMEDOUT"},
                    {"client state", kGone},
                    {"server received", kNothing},
                    {"server learns", "ECONNRESET"},
                    {"server state", kGone}},
       .times = {{"client detects", milliseconds(3500), seconds(6)}}},
  };
}

}  // namespace

std::vector<Case> reset_cases() {
  std::vector<Case> all = reset_on_next_cases();
  for (auto& group : {forgotten_cases(), one_way_cases()})
    all.insert(all.end(), group.begin(), group.end());
  all.push_back({.id = "refuse",
                 .claim = "where nobody listens a dial is refused; established connections go on",
                 .script = {set(fault("refuse")), BeginDial{}, AwaitDial{kSoon}, Exchange{}},
                 .expected = cells({alive("client", ""),
                                    alive("server", ""),
                                    end_cells("client 2", "", "", "EOF", kGone),
                                    {{"dials", "refused"}, {"usable", "yes"}}})});
  return all;
}

}  // namespace halfopen::conformance

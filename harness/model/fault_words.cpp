// What a fault is called elsewhere, or by somebody who thinks of what they saw: a word of another
// tool is often near in its letters to one of ours that means something else (idle_close, for one,
// to half_close).
//
// Invariant: no word here is a fault type of ours (a test holds the two against each other).
#include <algorithm>
#include <array>
#include <string>

#include "harness/model/fault_types.hpp"

namespace halfopen {
namespace {

struct ForeignWord {
  std::string_view word;
  std::string_view ours;
};

constexpr std::string_view kIdleClose =
    "for a balancer's close of an idle connection write "
    "{nat: {idle_timeout: 8s, refresh_by: bytes, on_expiry: fin_both}}";
constexpr std::string_view kMapping =
    "for a box that forgets an idle connection write "
    "{nat: {idle_timeout: 8s, on_next_packet: drop}}";
constexpr std::string_view kReset =
    "for a reset in place of an answer write {reset_on_next: {side: both}}, for one at once "
    "{reset_peer: {on: now}}";
constexpr std::string_view kSilence =
    "for silence in both directions write {blackhole: {}}, in one {blackhole: {direction: "
    "upstream}}";
constexpr std::string_view kDelay = "for bytes that come later write {latency: {latency: 10ms}}";
constexpr std::string_view kRate = "for so many kB a second write {bandwidth: {rate: 64}}";
constexpr std::string_view kEnd =
    "for the end of a process write a step {restart: {node: n2, kind: crash}}, or {stop: {node: "
    "n2}}";
constexpr std::string_view kRefusal = "for dials that are refused write {refuse: {}}";
constexpr std::string_view kHang =
    "for a peer that takes connections and says nothing write {accept_then_silence: {}}";

constexpr std::array kWords{ForeignWord{"idle_close", kIdleClose},
                            ForeignWord{"idle_timeout", kIdleClose},
                            ForeignWord{"lb", kIdleClose},
                            ForeignWord{"balancer", kIdleClose},
                            ForeignWord{"load_balancer", kIdleClose},
                            ForeignWord{"proxy_timeout", kIdleClose},
                            ForeignWord{"firewall", kMapping},
                            ForeignWord{"conntrack", kMapping},
                            ForeignWord{"nat_timeout", kMapping},
                            ForeignWord{"reset", kReset},
                            ForeignWord{"rst", kReset},
                            ForeignWord{"tcp_reset", kReset},
                            ForeignWord{"connection_reset", kReset},
                            ForeignWord{"partition", kSilence},
                            ForeignWord{"network_partition", kSilence},
                            ForeignWord{"drop", kSilence},
                            ForeignWord{"packet_loss", kSilence},
                            ForeignWord{"loss", kSilence},
                            ForeignWord{"silence", kSilence},
                            ForeignWord{"unplug", kSilence},
                            ForeignWord{"latency_ms", kDelay},
                            ForeignWord{"delay", kDelay},
                            ForeignWord{"delay_ms", kDelay},
                            ForeignWord{"jitter", kDelay},
                            ForeignWord{"lag", kDelay},
                            ForeignWord{"throttle", kRate},
                            ForeignWord{"rate", kRate},
                            ForeignWord{"rate_limit", kRate},
                            ForeignWord{"crash", kEnd},
                            ForeignWord{"kill", kEnd},
                            ForeignWord{"restart", kEnd},
                            ForeignWord{"power_loss", kEnd},
                            ForeignWord{"down", kRefusal},
                            ForeignWord{"reject", kRefusal},
                            ForeignWord{"connection_refused", kRefusal},
                            ForeignWord{"hang", kHang},
                            ForeignWord{"freeze", kHang},
                            ForeignWord{"pause", kHang}};

}  // namespace

std::string fault_in_our_words(std::string_view name) {
  std::string word(name);
  std::replace(word.begin(), word.end(), '-', '_');
  const auto* found = std::find_if(kWords.begin(), kWords.end(),
                                   [&](const ForeignWord& known) { return known.word == word; });
  return found == kWords.end() ? "" : std::string(found->ours);
}

}  // namespace halfopen

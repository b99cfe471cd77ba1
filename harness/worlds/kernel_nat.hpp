// The nat fault in Linux's own words: conntrack's timeouts and loose pick-up, and nftables rules.
//
//   on_next_packet  inside: drop              loose pick-up off, INVALID packets are dropped
//                   inside: rst               loose pick-up off, INVALID packets draw a TCP reset
//                   inside: repick_same_port  loose pick-up on, masquerade keeps the port
//                   inside: repick_new_port   loose pick-up on, masquerade takes a random port
//                   outside: drop, rst        the NAT box's INPUT drops, or accepts: its own TCP
//                                             then resets whom it does not know
//
// What conntrack cannot be (a box that counts bytes, that speaks at expiry, that counts parts of a
// second) is a Problem that says so. Sources: Documentation/networking/nf_conntrack-sysctl.rst,
// net/netfilter/nf_conntrack_proto_tcp.c.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <map>
#include <string>

#include "base/result.hpp"
#include "base/time.hpp"

namespace halfopen {

// What becomes of a packet that conntrack calls INVALID, where the scenario says only that it is
// lost. Linux forwards it untranslated by default; nobody outside can answer it.
enum class InvalidPackets : std::uint8_t { kDrop, kForward };

struct KernelNat {
  enum class Inside : std::uint8_t { kDrop, kReset, kRepickSamePort, kRepickNewPort };
  Duration idle_timeout{};
  Duration unacked_timeout{};
  Inside inside = Inside::kDrop;
  bool outside_is_reset = false;
};

// From the attributes of a nat fault, which fault-proxy has found to be well formed.
[[nodiscard]] Result<KernelNat> kernel_nat(const boost::json::object& attributes);

// A NAT that never forgets: what a link's router is before its nat fault is set and after.
[[nodiscard]] KernelNat endless_nat();

// nft(8) rules that replace the NAT of a router whose interfaces are "inside" and "outside".
[[nodiscard]] std::string nat_rules(const KernelNat& nat, InvalidPackets invalid);
[[nodiscard]] std::map<std::string, std::string> nat_sysctls(const KernelNat& nat);

}  // namespace halfopen

// A link's faults in nftables' own words, as rules of the router on it.
//
//   blackhole          drops before conntrack and after translation, on one cable or both
//   ... direction      drops what would leave towards one end, as one_way_loss does
//   syn_drop, refuse   drops a SYN, or answers it with a TCP reset
//   reset_on_next      rejects with a TCP reset what belongs to a connection that is not new; a set
//                      remembers who has dialled since
//   asymmetric         the same for the forgotten side; the other's packets are dropped or rejected
//
// What a router cannot be is a Problem that says why: it forges no FIN, keeps no timetable, and has
// no process that could hang.
#pragma once

#include <string>

#include "harness/model/scenario.hpp"

namespace halfopen {

// Whether a router can be this; `link` says which of its sides a client is on.
[[nodiscard]] Result<void> check_cut(const FaultSpec& fault);

// nft(8) rules that replace the table of this cut, and those that remove it. A fault's cut is
// called by cut_name(), so that a node without power can have one, too.
[[nodiscard]] std::string cut_name(const FaultSpec& fault);
[[nodiscard]] std::string cut_name(const std::string& node_without_power);
[[nodiscard]] std::string cut_rules(const FaultSpec& fault, const LinkSpec& link);
// Both directions of the cable on this side: "inside", "outside" or "both".
[[nodiscard]] std::string cable_cut_rules(const std::string& name, const std::string& at);
[[nodiscard]] std::string no_cut(const std::string& name);

// The attribute's word.
[[nodiscard]] std::string word_of(const FaultSpec& fault, const char* attribute,
                                  const char* otherwise);

}  // namespace halfopen

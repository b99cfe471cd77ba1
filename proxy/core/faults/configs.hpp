// The typed settings of every fault, their readers and their writers. One .cpp a fault; the table
// in fault.cpp names them all.
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "base/result.hpp"
#include "proxy/core/nat_config.hpp"
#include "proxy/core/peer_life.hpp"

namespace halfopen {

// Both legs of every connection and the listener fall silent until the fault is removed.
struct BlackholeConfig {
  Cut at = Cut::kBoth;  // which cable: what a nat on the same proxy still sees
};

// New dials are swallowed; established connections are untouched.
struct SynDropConfig {};

[[nodiscard]] Result<NatConfig> parse_nat(const boost::json::object& attributes,
                                          const std::string& where);
[[nodiscard]] Result<BlackholeConfig> parse_blackhole(const boost::json::object& attributes,
                                                      const std::string& where);
[[nodiscard]] Result<PeerRestartConfig> parse_peer_restart(const boost::json::object& attributes,
                                                           const std::string& where);
[[nodiscard]] Result<SynDropConfig> parse_syn_drop(const boost::json::object& attributes,
                                                   const std::string& where);

// Every attribute with its value, also where it is the default (but nat's revive_by only where it
// adds to on_next_packet).
[[nodiscard]] boost::json::object attributes_of(const NatConfig& config);
[[nodiscard]] boost::json::object attributes_of(const BlackholeConfig& config);
[[nodiscard]] boost::json::object attributes_of(const PeerRestartConfig& config);
[[nodiscard]] boost::json::object attributes_of(const SynDropConfig& config);

}  // namespace halfopen

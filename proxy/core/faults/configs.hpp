// The typed settings of every fault, their readers and their writers. One .cpp a fault; the table
// in fault.cpp names them all.
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "base/result.hpp"
#include "proxy/core/nat.hpp"
#include "proxy/core/peer_life.hpp"

namespace halfopen {

// Both legs of every connection and the listener fall silent until the fault is removed.
struct BlackholeConfig {};

[[nodiscard]] Result<NatConfig> parse_nat(const boost::json::object& attributes,
                                          const std::string& where);
[[nodiscard]] Result<BlackholeConfig> parse_blackhole(const boost::json::object& attributes,
                                                      const std::string& where);
[[nodiscard]] Result<PeerRestartConfig> parse_peer_restart(const boost::json::object& attributes,
                                                           const std::string& where);

// Every attribute with its value, also where it is the default.
[[nodiscard]] boost::json::object attributes_of(const NatConfig& config);
[[nodiscard]] boost::json::object attributes_of(const BlackholeConfig& config);
[[nodiscard]] boost::json::object attributes_of(const PeerRestartConfig& config);

}  // namespace halfopen

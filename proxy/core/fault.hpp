// Faults as data: the closed set of their settings, the table of their names, and what each needs
// from the machine. Adding one is a config and parser in faults/, a row of the table in fault.cpp,
// and an actor in proxy/shell/faults/.
#pragma once

#include <boost/json/object.hpp>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.hpp"
#include "proxy/core/faults/configs.hpp"

namespace halfopen {

using FaultConfig = std::variant<NatConfig, BlackholeConfig, PeerRestartConfig, SynDropConfig,
                                 RefuseConfig, AcceptThenSilenceConfig, ResetOnNextConfig,
                                 HalfCloseConfig, AsymmetricConfig, FlapConfig>;

// What a machine must allow for a fault to be produced.
struct AbilityNeeds {
  bool filter = false;       // a receive filter on TCP sockets
  bool repair = false;       // TCP_REPAIR
  bool egress_drop = false;  // marked packets are dropped on their way out
};
inline constexpr AbilityNeeds kBlackHoleNeeds{true, true, true};

// Every registered type, in the order of the table.
[[nodiscard]] std::span<const std::string_view> fault_type_names();
// Unknown types are errors that list the known ones. `where` names the attributes in errors.
[[nodiscard]] Result<FaultConfig> parse_fault(std::string_view type,
                                              const boost::json::object& attributes,
                                              const std::string& where);
[[nodiscard]] std::string_view type_of(const FaultConfig& config);
[[nodiscard]] boost::json::object attributes_of(const FaultConfig& config);
[[nodiscard]] AbilityNeeds needs_of(const FaultConfig& config);

}  // namespace halfopen

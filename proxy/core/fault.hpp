// Faults as data: the closed set of their settings, the table of their names, and what each needs
// from the machine.
//
// Intuition: there are two kinds. A connection fault acts on sockets, at most one of a type on a
// proxy; a stream fault shapes the bytes of one direction, as many as one likes. Adding one is a
// config and parser in faults/ or stream/, a row of the table in fault.cpp, and for a connection
// fault an actor in proxy/shell/faults/.
#pragma once

#include <boost/json/object.hpp>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.hpp"
#include "proxy/core/faults/configs.hpp"
#include "proxy/core/stream/stream_fault.hpp"

namespace halfopen {

using FaultConfig = std::variant<NatConfig, BlackholeConfig, PeerRestartConfig, SynDropConfig,
                                 RefuseConfig, AcceptThenSilenceConfig, ResetOnNextConfig,
                                 HalfCloseConfig, AsymmetricConfig, FlapConfig, StreamFaultConfig>;

// A fault as it is asked for and answered. A connection fault is on both streams with toxicity 1.
struct FaultSpec {
  std::string name;
  FaultConfig config;
  StreamDirection stream = StreamDirection::kBoth;
  // The share of connections that it hits; at most 0 is none, at least 1 all.
  double toxicity = 1;
  // "UPSTREAM": what a client gave is what Toxiproxy answers it. Empty: as `stream` is spelt.
  std::string stream_as_given{};
};

// What a machine must allow for a fault to be produced.
struct AbilityNeeds {
  bool filter = false;       // a receive filter on TCP sockets
  bool repair = false;       // TCP_REPAIR
  bool egress_drop = false;  // marked packets are dropped on their way out
};
inline constexpr AbilityNeeds kBlackHoleNeeds{true, true, true};

// Every registered type, in the order of the table.
[[nodiscard]] std::span<const std::string_view> fault_type_names();
[[nodiscard]] bool is_fault_type(std::string_view type);
[[nodiscard]] bool is_stream_fault_type(std::string_view type);
// Unknown types are errors that list the known ones. `where` names the attributes in errors. What
// is no attribute of the type is an error, too.
[[nodiscard]] Result<FaultConfig> parse_fault(std::string_view type,
                                              const boost::json::object& attributes,
                                              const std::string& where);
// What a lenient caller gives to parse_fault: keys in any case become the type's own, the last of
// equal ones counts, unknown ones are left out. Empty for an unknown type.
[[nodiscard]] boost::json::object known_attributes(std::string_view type,
                                                   const boost::json::object& attributes);
[[nodiscard]] std::span<const std::string_view> attribute_names(std::string_view type);

[[nodiscard]] std::string_view type_of(const FaultConfig& config);
[[nodiscard]] bool is_stream_fault(const FaultConfig& config);
[[nodiscard]] boost::json::object attributes_of(const FaultConfig& config);
[[nodiscard]] AbilityNeeds needs_of(const FaultConfig& config);

// A toxicity as Toxiproxy shows it: it keeps a float32, and writes the shortest decimal that is
// that float32 ("0.2", never "0.20000000298").
[[nodiscard]] std::string format_toxicity(double toxicity);

}  // namespace halfopen

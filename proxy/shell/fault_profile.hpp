// The attributes of a fault as people write them, where a nat may name a profile, become a config.
//
// The core knows no profiles; here their values are put under what was given, so that all that
// reads faults (the API's two views, the configuration file) understands the same.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "proxy/core/fault.hpp"

namespace halfopen {

// parse_fault() with profiles. An unknown profile is answered with the nearest names.
[[nodiscard]] Result<FaultConfig> read_fault_config(std::string_view type,
                                                    const boost::json::object& attributes,
                                                    const std::string& where);
// Attributes that are not given keep their values. Another profile brings its own values along.
[[nodiscard]] Result<FaultConfig> read_changed_config(const FaultConfig& present,
                                                      const boost::json::object& attributes,
                                                      const std::string& where);
// What a person must know who uses this fault, such as that its profile is hearsay; "" for nothing.
[[nodiscard]] std::string warning_of(const FaultConfig& config);

}  // namespace halfopen

// Addresses as Toxiproxy takes them, which is as Go does: "127.0.0.1:80", "localhost:0", ":80",
// "[::1]:http", and for listening nothing at all; with Go's words for what is wrong.
//
// Names are looked up in the hosts file alone: to ask a name server would hold up every connection,
// and where one listens is an address of this machine.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "metrics/host_port.hpp"

namespace halfopen {

struct GoAddress {
  std::string host;  // without brackets; may be empty
  std::string port;  // "80", "http" or empty
};
// "address nowhere: missing port in address"
[[nodiscard]] Result<GoAddress> split_go_address(const std::string& text);

// The port's number, also of a service's name.
[[nodiscard]] Result<std::uint16_t> parse_go_port(const std::string& port);

// What to bind for this text: an IP address, "::" for every address of the machine.
using HostLookup = std::function<std::optional<std::string>(std::string_view name)>;
[[nodiscard]] Result<HostPort> resolve_listen(const std::string& text, const HostLookup& lookup);

// The first address of a name in a text of the form of hosts(5), IPv4 before IPv6.
[[nodiscard]] std::optional<std::string> find_in_hosts(std::string_view hosts,
                                                       std::string_view name);
// By /etc/hosts.
[[nodiscard]] std::optional<std::string> look_up_host(std::string_view name);

}  // namespace halfopen

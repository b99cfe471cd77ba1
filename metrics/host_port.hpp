// "127.0.0.1:8474" or "[::1]:0" taken apart. Names are not resolved: an address is asked for, so
// that "localhost" cannot mean two sockets.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"

namespace halfopen {

struct HostPort {
  std::string host;
  std::uint16_t port = 0;
};
[[nodiscard]] Result<HostPort> parse_host_port(const std::string& text);
// "host:port", with brackets round an IPv6 address.
[[nodiscard]] std::string to_text(const HostPort& address);
// True for 127.0.0.0/8 and ::1 as numbers.
[[nodiscard]] bool is_loopback(const std::string& ip_address);

}  // namespace halfopen

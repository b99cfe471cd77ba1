#include "metrics/host_port.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <charconv>

namespace halfopen {

Result<HostPort> parse_host_port(const std::string& text) {
  const Problem problem{"\"" + text + "\" is not an address: expected IP:PORT, such as " +
                        "127.0.0.1:8474 or [::1]:8474"};
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) return problem;
  HostPort parsed;
  parsed.host = text.substr(0, colon);
  const bool bracketed = parsed.host.starts_with('[') && parsed.host.ends_with(']');
  if (bracketed) parsed.host = parsed.host.substr(1, parsed.host.size() - 2);
  const char* first = text.data() + colon + 1;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(first, last, parsed.port);
  if (error != std::errc{} || end != last) return problem;
  in6_addr address{};
  if (inet_pton(bracketed ? AF_INET6 : AF_INET, parsed.host.c_str(), &address) != 1) return problem;
  return parsed;
}

std::string to_text(const HostPort& address) {
  const bool v6 = address.host.find(':') != std::string::npos;
  return (v6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

bool is_loopback(const std::string& ip_address) {
  in_addr v4{};
  if (inet_pton(AF_INET, ip_address.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6{};
  return inet_pton(AF_INET6, ip_address.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6) != 0;
}

}  // namespace halfopen

#include "proxy/shell/listen_address.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <sstream>

namespace halfopen {
namespace {

constexpr std::size_t kHostsBytesMax = 1024 * 1024;

bool is_ip_address(const std::string& host) {
  in6_addr address{};
  return inet_pton(AF_INET, host.c_str(), &address) == 1 ||
         inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

Problem at_address(const std::string& text, std::string_view what) {
  return Problem{"address ", text, ": ", what};
}

}  // namespace

Result<GoAddress> split_go_address(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) return at_address(text, "missing port in address");
  GoAddress parsed;
  if (text.starts_with('[')) {
    const auto bracket = text.find(']');
    if (bracket == std::string::npos) return at_address(text, "missing ']' in address");
    if (bracket + 1 == text.size()) return at_address(text, "missing port in address");
    if (bracket + 1 != colon) {
      return at_address(text, text[bracket + 1] == ':' ? "too many colons in address"
                                                       : "missing port in address");
    }
    parsed.host = text.substr(1, bracket - 1);
    if (parsed.host.find('[') != std::string::npos) {
      return at_address(text, "unexpected '[' in address");
    }
  } else {
    parsed.host = text.substr(0, colon);
    if (parsed.host.find(':') != std::string::npos) {
      return at_address(text, "too many colons in address");
    }
    if (parsed.host.find('[') != std::string::npos) {
      return at_address(text, "unexpected '[' in address");
    }
    if (parsed.host.find(']') != std::string::npos) {
      return at_address(text, "unexpected ']' in address");
    }
  }
  parsed.port = text.substr(colon + 1);
  if (parsed.port.find_first_of("[]") != std::string::npos) {
    return at_address(text, "unexpected bracket in address");
  }
  return parsed;
}

Result<std::uint16_t> parse_go_port(const std::string& port) {
  if (port.empty()) return std::uint16_t{0};
  const bool number = std::all_of(port.begin(), port.end(),
                                  [](char letter) { return letter >= '0' && letter <= '9'; }) ||
                      port.front() == '-';
  if (number) {
    std::uint16_t value = 0;
    const char* last = port.data() + port.size();
    const auto [end, error] = std::from_chars(port.data(), last, value);
    if (error != std::errc{} || end != last) return Problem{"address ", port, ": invalid port"};
    return value;
  }
  // By /etc/services; no network is asked.
  const servent* service = getservbyname(port.c_str(), "tcp");
  if (service == nullptr) return Problem{"lookup tcp/", port, ": unknown port"};
  return ntohs(static_cast<std::uint16_t>(service->s_port));
}

Result<HostPort> resolve_listen(const std::string& text, const HostLookup& lookup) {
  const auto fail = [](const Problem& why) { return Problem{"listen tcp: ", why.text}; };
  if (text.empty()) return HostPort{"::", 0};
  const auto address = split_go_address(text);
  if (address.has_error()) return fail(address.error());
  const auto port = parse_go_port(address->port);
  if (port.has_error()) return fail(port.error());
  if (address->host.empty()) return HostPort{"::", *port};
  if (is_ip_address(address->host)) return HostPort{address->host, *port};
  if (address->host == "localhost") return HostPort{"127.0.0.1", *port};
  if (auto found = lookup(address->host)) return HostPort{*found, *port};
  return Problem{"listen tcp: lookup ", address->host, ": no such host"};
}

std::optional<std::string> find_in_hosts(std::string_view hosts, std::string_view name) {
  std::optional<std::string> v6;
  std::istringstream lines{std::string(hosts)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::string address;
    words >> address;
    const bool named = std::find(std::istream_iterator<std::string>(words),
                                 std::istream_iterator<std::string>(), name) !=
                       std::istream_iterator<std::string>();
    if (!named || !is_ip_address(address)) continue;
    if (address.find(':') == std::string::npos) return address;
    if (!v6) v6 = address;
  }
  return v6;
}

std::optional<std::string> look_up_host(std::string_view name) {
  std::ifstream file("/etc/hosts");
  std::string text(kHostsBytesMax, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return find_in_hosts(text, name);
}

}  // namespace halfopen

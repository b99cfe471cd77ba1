#include "proxy/shell/socket_address.hpp"

#include <sys/socket.h>

#include "metrics/http_endpoint.hpp"

namespace halfopen {

using boost::asio::ip::tcp;

std::string to_text(const tcp::endpoint& endpoint) {
  const std::string host = endpoint.address().is_v6() ? "[" + endpoint.address().to_string() + "]"
                                                      : endpoint.address().to_string();
  return host + ":" + std::to_string(endpoint.port());
}

Result<tcp::endpoint> parse_endpoint(const std::string& text) {
  HALFOPEN_TRY(parsed, parse_host_port(text));
  return tcp::endpoint{boost::asio::ip::make_address(parsed.host), parsed.port};
}

std::string local_address_text(int socket) {
  tcp::endpoint endpoint;
  auto size = static_cast<socklen_t>(endpoint.capacity());
  if (getsockname(socket, endpoint.data(), &size) != 0) return {};
  endpoint.resize(size);
  return to_text(endpoint);
}

}  // namespace halfopen

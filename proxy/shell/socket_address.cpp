#include "proxy/shell/socket_address.hpp"

#include <netinet/tcp.h>
#include <sys/socket.h>

namespace halfopen {

using boost::asio::ip::tcp;

std::string to_text(const tcp::endpoint& endpoint) {
  const std::string port = ":" + std::to_string(endpoint.port());
  const auto address = endpoint.address();
  if (address.is_v4()) return address.to_string() + port;
  // A client of IPv4 at a socket for both.
  if (address.to_v6().is_v4_mapped()) {
    return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6())
               .to_string() +
           port;
  }
  return "[" + address.to_string() + "]" + port;
}

tcp::endpoint local_endpoint(int socket) {
  tcp::endpoint endpoint;
  auto size = static_cast<socklen_t>(endpoint.capacity());
  if (getsockname(socket, endpoint.data(), &size) != 0) return {};
  endpoint.resize(size);
  return endpoint;
}

void set_no_delay(int socket) {
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void keep_urgent_in_line(int socket) {
  const int on = 1;
  setsockopt(socket, SOL_SOCKET, SO_OOBINLINE, &on, sizeof on);
}

}  // namespace halfopen

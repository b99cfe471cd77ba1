#include "tests/support/http_client.hpp"

#include <cstdlib>

#include "tests/support/test_socket.hpp"

namespace halfopen::test {

HttpReply http_request(const std::string& host, std::uint16_t port, const std::string& method,
                       const std::string& path, const std::string& body,
                       std::chrono::milliseconds within, const std::string& more_headers) {
  auto socket = TestSocket::dial(host, port);
  if (!socket.wait_connected(within)) return {};
  const std::string request =
      method + " " + path + " HTTP/1.1\r\nHost: " + host +
      "\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
      more_headers + "\r\n" + body;
  if (socket.send_text(request) != 0) return {};
  std::string text;
  for (;;) {
    const Received received = socket.receive(within);
    if (received.kind != Received::Kind::kBytes) break;
    text += received.bytes;
  }
  const auto end_of_header = text.find("\r\n\r\n");
  if (!text.starts_with("HTTP/1.1 ") || end_of_header == std::string::npos) return {};
  return {std::atoi(text.c_str() + 9), text.substr(end_of_header + 4),
          text.substr(0, end_of_header + 2)};
}

}  // namespace halfopen::test

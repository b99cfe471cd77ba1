// One HTTP/1.1 request on a connection of its own, blocking, with a deadline.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace halfopen::test {

struct HttpReply {
  int status = 0;  // 0: no reply
  std::string body;
  std::string head = {};
};

[[nodiscard]] HttpReply http_request(const std::string& host, std::uint16_t port,
                                     const std::string& method, const std::string& path,
                                     const std::string& body = {},
                                     std::chrono::milliseconds within = std::chrono::seconds(5),
                                     const std::string& more_headers = {});

}  // namespace halfopen::test

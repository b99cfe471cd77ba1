// Socket addresses as text and back.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <string>

#include "base/result.hpp"

namespace halfopen {

// "127.0.0.1:7000" or "[::1]:7000".
[[nodiscard]] std::string to_text(const boost::asio::ip::tcp::endpoint& endpoint);
[[nodiscard]] Result<boost::asio::ip::tcp::endpoint> parse_endpoint(const std::string& text);
// What the kernel says this socket is bound to; empty when it does not know.
[[nodiscard]] std::string local_address_text(int socket);

}  // namespace halfopen

// Socket addresses as text.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <string>

namespace halfopen {

// "127.0.0.1:7000" or "[::1]:7000".
[[nodiscard]] std::string to_text(const boost::asio::ip::tcp::endpoint& endpoint);
// What the kernel says this socket is bound to; port 0 when it does not know.
[[nodiscard]] boost::asio::ip::tcp::endpoint local_endpoint(int socket);
// TCP_NODELAY: a relay adds no waiting of its own.
void set_no_delay(int socket);
// Urgent bytes are read like others, where they are in the stream, and not lost. Of a listener: for
// all that it accepts.
void keep_urgent_in_line(int socket);

}  // namespace halfopen

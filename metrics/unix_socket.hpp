// An admin API on a Unix socket: "unix:/run/vote-node/n1.sock". Who may connect is then a matter of
// file permissions: the socket is its owner's alone (0600), from the moment that it exists.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <optional>
#include <string>

#include "base/result.hpp"

namespace halfopen {

// The path of "unix:PATH"; nothing when the text is no such address.
[[nodiscard]] std::optional<std::string> unix_socket_path(const std::string& address);
// Absolute, and not longer than the kernel's 107 bytes.
[[nodiscard]] Result<void> check_unix_socket_path(const std::string& path);

// A stale socket, which nobody answers, is replaced; one that somebody answers is left alone, and
// so is a file that is no socket.
[[nodiscard]] Result<boost::asio::local::stream_protocol::acceptor> listen_on_unix_socket(
    boost::asio::io_context& context, const std::string& path);

}  // namespace halfopen

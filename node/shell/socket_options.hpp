// The kernel's part of the defences, set on a socket.
#pragma once

#include "node/core/settings.hpp"

namespace halfopen::node {

// TCP_NODELAY always; SO_KEEPALIVE with its numbers and TCP_USER_TIMEOUT where enabled. Answers 0,
// or the errno of the first option that the kernel refused.
[[nodiscard]] int set_socket_options(int descriptor, const Defences& defences);

}  // namespace halfopen::node

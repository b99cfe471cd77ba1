// What can be learnt from a socket at the moment that its connection is found dead.
//
// The order matters, because asking changes the answer: the error that send or recv gave comes
// first, then SO_ERROR (reading it clears it), then a send of no bytes, which puts nothing on the
// wire and says EPIPE on a dead socket; TCP_INFO can be read at any time and changes nothing.
#pragma once

#include <optional>
#include <string_view>

#include "base/time.hpp"
#include "metrics/kernel_evidence.hpp"

namespace halfopen::node {

struct Evidence {
  std::string_view operation;  // "send" or "recv", whichever said the error; or empty
  int error = 0;               // what it said, 0 if the death was found otherwise
  int so_error = 0;            // what the kernel had still to say
  int second_error = 0;        // what a second send says: EPIPE, or 0 on a socket that still works
  std::optional<TcpInfo> tcp_info;
  Duration idle{};  // since the last byte moved in either direction
};

// Ends the socket's usefulness as a witness: SO_ERROR is consumed.
[[nodiscard]] Evidence gather_evidence(int descriptor, int error, Duration idle);

}  // namespace halfopen::node

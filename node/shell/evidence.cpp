#include "node/shell/evidence.hpp"

#include <sys/socket.h>

#include <cerrno>

namespace halfopen::node {

Evidence gather_evidence(int descriptor, int error, Duration idle) {
  Evidence evidence;
  evidence.error = error;
  evidence.idle = idle;
  socklen_t length = sizeof evidence.so_error;
  if (::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &evidence.so_error, &length) != 0) {
    evidence.so_error = errno;
  }
  if (::send(descriptor, "", 0, MSG_NOSIGNAL | MSG_DONTWAIT) != 0) evidence.second_error = errno;
  evidence.tcp_info = read_tcp_info(descriptor);
  return evidence;
}

}  // namespace halfopen::node

#include "proxy/shell/bulk_buffers.hpp"

// Not <netinet/tcp.h>, whose tcp_info ends before the smallest round-trip time.
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstddef>
#include <cstdint>

namespace halfopen {
namespace {

// The kernel doubles them, for its own bookkeeping (socket(7)).
constexpr int kReceiveBytes = 512 * 1024;
constexpr int kSendBytes = 192 * 1024;
constexpr int kSendBytesInCrowd = 512 * 1024;
constexpr int kLowWaterBytes = kReceiveBytes / 2;
// 192 KiB a round trip of this length are more than 6 Gbit/s.
constexpr std::uint32_t kShortMicroseconds = 250;

bool is_short_path(int socket) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return false;
  if (size < offsetof(tcp_info, tcpi_min_rtt) + sizeof info.tcpi_min_rtt) return false;
  return info.tcpi_min_rtt < kShortMicroseconds;
}

void bound(int socket, int option, int bytes) {
  if (is_short_path(socket)) (void)setsockopt(socket, SOL_SOCKET, option, &bytes, sizeof bytes);
}

void set_low_water_mark(int socket, int bytes) {
  (void)setsockopt(socket, SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof bytes);
}

}  // namespace

void bound_bulk_buffers(int source, int sink, bool is_in_crowd) {
  bound(source, SO_RCVBUF, kReceiveBytes);
  bound(sink, SO_SNDBUF, is_in_crowd ? kSendBytesInCrowd : kSendBytes);
}

void raise_low_water_mark(int source) {
  set_low_water_mark(source, kLowWaterBytes);
}

void lower_low_water_mark(int source) {
  set_low_water_mark(source, 1);
}

}  // namespace halfopen

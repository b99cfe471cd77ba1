#include "tests/support/kernel_socket.hpp"

#include <array>
#include <cstdio>
#include <fstream>

namespace halfopen::test {

std::optional<KernelSocket> find_kernel_socket(std::uint16_t local_port,
                                               std::uint16_t remote_port) {
  static constexpr std::array<const char*, 12> kNames{
      "UNKNOWN",   "ESTABLISHED", "SYN_SENT",   "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2",
      "TIME_WAIT", "CLOSE",       "CLOSE_WAIT", "LAST_ACK", "LISTEN",    "CLOSING"};
  std::ifstream table("/proc/net/tcp");
  for (std::string line; std::getline(table, line);) {
    unsigned local = 0;
    unsigned remote = 0;
    unsigned state = 0;
    unsigned unacked = 0;
    unsigned unread = 0;
    const int fields = std::sscanf(line.c_str(), " %*u: %*x:%x %*x:%x %x %x:%x", &local, &remote,
                                   &state, &unacked, &unread);
    if (fields != 5 || local != local_port || remote != remote_port) continue;
    return KernelSocket{state < kNames.size() ? kNames.at(state) : kNames.front(), unread, unacked};
  }
  return std::nullopt;
}

}  // namespace halfopen::test

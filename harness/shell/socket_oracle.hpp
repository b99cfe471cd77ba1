// What the kernel knows of a process's TCP sockets: the oracle beside a node's own belief.
//
// The kernel's table comes over netlink (sock_diag(7), INET_DIAG); which socket belongs to which
// process comes from the inodes under /proc/PID/fd.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace halfopen {

struct KernelSocket {
  std::string state;  // "ESTABLISHED", ...
  std::string local;  // "127.0.1.1:7000"
  std::string remote;
  std::uint32_t inode = 0;
  std::uint32_t receive_queue_bytes = 0;
  std::uint32_t send_queue_bytes = 0;
};

// All TCP sockets of the network namespace that this thread is in. One of IPv6 that speaks IPv4, as
// a program's that listens on "::", has the addresses of the wire: "10.77.1.1:7000". A Problem when
// the table cannot be read: that is not the same as no sockets.
[[nodiscard]] Result<std::vector<KernelSocket>> read_kernel_sockets();

// Sockets of the process by state, without those to its admin address `ignored_local`.
[[nodiscard]] std::map<std::string, int> count_sockets_of(int pid,
                                                          const std::vector<KernelSocket>& sockets,
                                                          const std::string& ignored_local);

// SOCK_DESTROY (linux/sock_diag.h, what `ss -K` does) on the connections of this thread's network
// namespace whose ends are these; "10.77.1.1:7000", "10.77.1.1" for any port, or empty for any end.
// Both empty: every connection that is not of the loopback. Listeners stay. Answers how many there
// were.
[[nodiscard]] Result<std::size_t> destroy_kernel_sockets(const std::string& local,
                                                         const std::string& remote);

}  // namespace halfopen

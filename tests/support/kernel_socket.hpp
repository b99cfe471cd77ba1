// A TCP socket of any process in this network namespace, as /proc/net/tcp shows it: an oracle
// beside what the socket's owner believes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace halfopen::test {

struct KernelSocket {
  std::string state;  // "ESTABLISHED", ...; names as ss(8) has them
  std::size_t unread_bytes = 0;
  std::size_t unacked_bytes = 0;
};

// The first one with these ports.
[[nodiscard]] std::optional<KernelSocket> find_kernel_socket(std::uint16_t local_port,
                                                             std::uint16_t remote_port);

}  // namespace halfopen::test

// A network of the test's own: nothing of the machine's is touched, ports cannot collide, and it is
// gone with the process.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"

namespace halfopen::test {

// Moves this process (one thread) into a new network namespace, with loopback up, where it and its
// children may do what needs CAP_NET_ADMIN and CAP_NET_RAW. Each call makes a fresh network. The
// Problem says what the machine forbids.
[[nodiscard]] Result<void> enter_private_network();

// The firewall rule that a silent socket needs; the Problem carries nft's words.
[[nodiscard]] Result<void> drop_marked_packets(std::uint32_t mark);
void stop_dropping_marked_packets();

// Loses every TCP segment that comes from this port, as a bad link would.
[[nodiscard]] Result<void> drop_segments_from(std::uint16_t port);
void stop_dropping_segments();

}  // namespace halfopen::test

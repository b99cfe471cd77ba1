// conntrack's table of a network namespace, by libnetfilter_conntrack: the only file that includes
// it. Every call acts on the namespace that the thread is in (ctnetlink).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace halfopen {

// An entry of TCP over IPv4, as the packet that made it was: from the inside, before translation.
struct ConntrackEntry {
  std::string source;       // "10.66.1.2:40000"
  std::string destination;  // "10.77.2.1:7000"
  std::string translated;   // what the other side sees as source: "10.88.1.1:40000"
  std::string state;        // "ESTABLISHED", ...
  Duration timeout{};       // left, in whole seconds
};

// Entries that have run out are not among them, whether or not they were collected yet.
[[nodiscard]] Result<std::vector<ConntrackEntry>> read_conntrack();

// Forgets every entry.
[[nodiscard]] Result<void> flush_conntrack();

// Lets every entry of TCP run out `timeout` from now unless a packet refreshes it.
[[nodiscard]] Result<void> renew_conntrack(Duration timeout);

}  // namespace halfopen

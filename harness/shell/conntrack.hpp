// conntrack's table of a network namespace, by libnetfilter_conntrack: the only file that includes
// it. Every call acts on the namespace that the thread is in (ctnetlink).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "harness/model/wire/segment.hpp"

namespace halfopen {

// An entry of TCP over IPv4, as the packet that made it was: from the inside, before translation.
struct ConntrackEntry {
  Endpoint source;
  Endpoint destination;
  Endpoint translated;  // what the other side sees as source
  std::string state;    // "ESTABLISHED", ...
  Duration timeout{};   // left, in whole seconds
};

// Entries that have run out are not among them, whether or not they were collected yet.
[[nodiscard]] Result<std::vector<ConntrackEntry>> read_conntrack();

// Forgets every entry.
[[nodiscard]] Result<void> flush_conntrack();

// Lets every entry of TCP run out `timeout` from now unless a packet refreshes it.
[[nodiscard]] Result<void> renew_conntrack(Duration timeout);

}  // namespace halfopen

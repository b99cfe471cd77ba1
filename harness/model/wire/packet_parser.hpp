// Captured bytes into a TCP segment. The bytes come from outside: whatever they are, the answer is
// a segment whose every field was in them, or nothing. What is no TCP over IPv4, a later fragment,
// and a header that was cut off are nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "harness/model/wire/segment.hpp"

namespace halfopen {

enum class LinkLayer : std::uint8_t {
  kEthernet,
  kLinuxCooked2,  // LINKTYPE_LINUX_SLL2: a capture of several interfaces, which says of each packet
                  // by which one it came or went
};

struct ParsedPacket {
  std::uint32_t interface_index = 0;  // 0 where the link layer does not say
  bool is_outgoing = false;           // the same
  Segment segment;
};

[[nodiscard]] std::optional<ParsedPacket> parse_packet(LinkLayer layer,
                                                       std::span<const std::uint8_t> bytes,
                                                       Instant at);

}  // namespace halfopen

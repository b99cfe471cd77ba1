// A TCP segment as it was seen on a wire: what a follower of connections needs of it, no bytes.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "base/time.hpp"

namespace halfopen {

struct Endpoint {
  std::uint32_t address = 0;  // 127.0.0.1 is 0x7f000001
  std::uint16_t port = 0;
  constexpr auto operator<=>(const Endpoint&) const = default;  // NOLINT(modernize-use-nullptr)
};
[[nodiscard]] std::string to_text(const Endpoint& endpoint);  // "10.66.1.2:40000"

inline constexpr std::uint8_t kTcpFin = 0x01;
inline constexpr std::uint8_t kTcpSyn = 0x02;
inline constexpr std::uint8_t kTcpReset = 0x04;
inline constexpr std::uint8_t kTcpPush = 0x08;
inline constexpr std::uint8_t kTcpAck = 0x10;

struct Segment {
  Instant at;
  Endpoint source;
  Endpoint destination;
  std::uint8_t flags = 0;
  std::uint32_t sequence = 0;
  std::uint32_t acknowledgement = 0;
  std::uint32_t payload_bytes = 0;

  [[nodiscard]] bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
  // The first sequence number after it; SYN and FIN take one each.
  [[nodiscard]] std::uint32_t end() const {
    return sequence + payload_bytes + (has(kTcpSyn) ? 1U : 0U) + (has(kTcpFin) ? 1U : 0U);
  }
};

// "10.66.1.2:40000 > 10.77.2.1:7000 SYN,ACK seq 17 ack 4 len 0"
[[nodiscard]] std::string to_text(const Segment& segment);

}  // namespace halfopen

// Captured bytes into segments.
#include <gtest/gtest.h>

#include <vector>

#include "harness/model/wire/packet_parser.hpp"

namespace halfopen {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr Instant kAt = Instant::from_nanoseconds(42);

// 10.66.1.2:43742 > 10.77.2.1:7000, ACK and PSH, five bytes that a capture may cut off.
Bytes tcp_packet(std::uint8_t payload = 5) {
  Bytes bytes{0x45, 0,    0,    static_cast<std::uint8_t>(40 + payload),
              0,    1,    0x40, 0,
              64,   6,    0,    0,
              10,   66,   1,    2,
              10,   77,   2,    1,
              0xaa, 0xde, 0x1b, 0x58,
              0,    0,    0,    9,
              0,    0,    0,    7,
              0x50, 0x18, 0,    64,
              0,    0,    0,    0};
  bytes.resize(bytes.size() + payload, 'x');
  return bytes;
}

Bytes ethernet(const Bytes& packet) {
  Bytes bytes(12, 0);
  bytes.insert(bytes.end(), {0x08, 0x00});
  bytes.insert(bytes.end(), packet.begin(), packet.end());
  return bytes;
}

Bytes cooked(const Bytes& packet, std::uint8_t type) {
  Bytes bytes{0x08, 0x00, 0, 0, 0, 0, 0, 3, 0, 1, type, 6, 0, 0, 0, 0, 0, 0, 0, 0};
  bytes.insert(bytes.end(), packet.begin(), packet.end());
  return bytes;
}

TEST(packet_parser, reads_every_field) {
  const auto packet = parse_packet(LinkLayer::kEthernet, ethernet(tcp_packet()), kAt);
  ASSERT_TRUE(packet.has_value());
  EXPECT_EQ(to_text(packet->segment), "10.66.1.2:43742 > 10.77.2.1:7000 PSH,ACK seq 9 ack 7 len 5");
  EXPECT_EQ(packet->segment.at, kAt);
}

TEST(packet_parser, a_cooked_packet_says_where_it_went) {
  const auto left = parse_packet(LinkLayer::kLinuxCooked2, cooked(tcp_packet(), 4), kAt);
  ASSERT_TRUE(left.has_value());
  EXPECT_EQ(left->interface_index, 3U);
  EXPECT_TRUE(left->is_outgoing);
  EXPECT_FALSE(parse_packet(LinkLayer::kLinuxCooked2, cooked(tcp_packet(), 0), kAt)->is_outgoing);
}

TEST(packet_parser, the_length_is_the_packets_and_not_the_captures) {
  Bytes padded = ethernet(tcp_packet(0));
  padded.resize(60, 0);
  EXPECT_EQ(parse_packet(LinkLayer::kEthernet, padded, kAt)->segment.payload_bytes, 0U);
  Bytes cut = ethernet(tcp_packet(5));
  cut.erase(cut.end() - 5, cut.end());
  EXPECT_EQ(parse_packet(LinkLayer::kEthernet, cut, kAt)->segment.payload_bytes, 5U);
}

TEST(packet_parser, what_is_no_whole_tcp_header_is_nothing) {
  const Bytes good = ethernet(tcp_packet(0));
  for (std::size_t size = 0; size < good.size(); ++size) {
    const Bytes cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(parse_packet(LinkLayer::kEthernet, cut, kAt).has_value()) << size;
  }
  struct Change {
    std::size_t at;
    std::uint8_t value;
    const char* what;
  };
  for (const Change& change :
       {Change{12, 0x86, "not IPv4"}, Change{14, 0x65, "version 6"},
        Change{14, 0x44, "short header"}, Change{14, 0x4f, "header beyond the packet"},
        Change{17, 30, "shorter than its headers"}, Change{21, 1, "a later fragment"},
        Change{23, 17, "UDP"}, Change{46, 0x40, "short TCP"},
        Change{46, 0xf0, "TCP header beyond the packet"}}) {
    Bytes bad = good;
    bad[change.at] = change.value;
    EXPECT_FALSE(parse_packet(LinkLayer::kEthernet, bad, kAt).has_value()) << change.what;
  }
}

}  // namespace
}  // namespace halfopen

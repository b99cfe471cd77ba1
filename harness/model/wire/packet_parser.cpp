#include "harness/model/wire/packet_parser.hpp"

#include <cstddef>

namespace halfopen {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t kEthernetHeader = 14;
constexpr std::size_t kCookedHeader = 20;
constexpr std::size_t kIpHeaderMin = 20;
constexpr std::size_t kTcpHeaderMin = 20;
constexpr std::uint32_t kIpv4 = 0x0800;
constexpr std::uint8_t kProtocolTcp = 6;
constexpr std::uint8_t kPacketOutgoing = 4;  // linux/if_packet.h
constexpr std::uint32_t kFragmentOffset = 0x1fff;

// Big-endian; the caller has checked that they are there.
std::uint32_t number(Bytes bytes, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  for (const std::uint8_t byte : bytes.subspan(at, size))
    value = (value << 8U) | byte;
  return value;
}

std::optional<Segment> parse_tcp(Bytes bytes, std::size_t real_size) {
  if (bytes.size() < kTcpHeaderMin) return std::nullopt;
  const std::size_t header = static_cast<std::size_t>(bytes[12] >> 4U) * 4;
  if (header < kTcpHeaderMin || header > real_size) return std::nullopt;
  Segment segment;
  segment.source.port = static_cast<std::uint16_t>(number(bytes, 0, 2));
  segment.destination.port = static_cast<std::uint16_t>(number(bytes, 2, 2));
  segment.sequence = number(bytes, 4, 4);
  segment.acknowledgement = number(bytes, 8, 4);
  segment.flags = bytes[13];
  segment.payload_bytes = static_cast<std::uint32_t>(real_size - header);
  return segment;
}

std::optional<Segment> parse_ip(Bytes bytes) {
  if (bytes.size() < kIpHeaderMin || bytes[0] >> 4U != 4) return std::nullopt;
  const std::size_t header = static_cast<std::size_t>(bytes[0] & 0xfU) * 4;
  const std::size_t total = number(bytes, 2, 2);  // the capture may hold less, and padding
  if (header < kIpHeaderMin || header > bytes.size() || header > total) return std::nullopt;
  if ((number(bytes, 6, 2) & kFragmentOffset) != 0) return std::nullopt;
  if (bytes[9] != kProtocolTcp) return std::nullopt;
  auto segment = parse_tcp(bytes.subspan(header), total - header);
  if (!segment) return std::nullopt;
  segment->source.address = number(bytes, 12, 4);
  segment->destination.address = number(bytes, 16, 4);
  return segment;
}

}  // namespace

std::optional<ParsedPacket> parse_packet(LinkLayer layer, Bytes bytes, Instant at) {
  const bool is_cooked = layer == LinkLayer::kLinuxCooked2;
  const std::size_t header = is_cooked ? kCookedHeader : kEthernetHeader;
  if (bytes.size() < header) return std::nullopt;
  if (number(bytes, is_cooked ? 0 : 12, 2) != kIpv4) return std::nullopt;
  const auto segment = parse_ip(bytes.subspan(header));
  if (!segment) return std::nullopt;
  ParsedPacket packet;
  packet.segment = *segment;
  packet.segment.at = at;
  if (is_cooked) {
    packet.interface_index = number(bytes, 4, 4);
    packet.is_outgoing = bytes[10] == kPacketOutgoing;
  }
  return packet;
}

}  // namespace halfopen

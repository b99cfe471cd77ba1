#include "tests/support/packet_capture.hpp"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

namespace halfopen::test {
namespace {

constexpr std::size_t kHeaderBytes = 160;  // the longest IP and TCP headers together are 120

std::optional<Segment> parse(const unsigned char* bytes, std::size_t size) {
  iphdr ip{};
  if (size < sizeof ip) return std::nullopt;
  std::memcpy(&ip, bytes, sizeof ip);
  const std::size_t ip_bytes = std::size_t{ip.ihl} * 4;
  tcphdr tcp{};
  if (ip.version != 4 || ip.protocol != IPPROTO_TCP || size < ip_bytes + sizeof tcp) {
    return std::nullopt;
  }
  std::memcpy(&tcp, bytes + ip_bytes, sizeof tcp);
  Segment segment;
  segment.source_port = ntohs(tcp.source);
  segment.destination_port = ntohs(tcp.dest);
  segment.sequence = ntohl(tcp.seq);
  segment.payload_bytes = ntohs(ip.tot_len) - ip_bytes - std::size_t{tcp.doff} * 4;
  segment.syn = tcp.syn != 0;
  segment.ack = tcp.ack != 0;
  segment.fin = tcp.fin != 0;
  segment.rst = tcp.rst != 0;
  return segment;
}

// Keeps arriving packets only (loopback shows each twice, leaving and arriving), and none of the
// ignored port. The packet begins with its IP header.
bool attach_filter(int descriptor, std::uint16_t ignored_port) {
  constexpr std::uint32_t kPacketType = static_cast<std::uint32_t>(SKF_AD_OFF) + SKF_AD_PKTTYPE;
  std::array<sock_filter, 9> program{{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kPacketType),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PACKET_OUTGOING, 6, 0),
      BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
      BPF_STMT(BPF_LD | BPF_H | BPF_IND, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ignored_port, 3, 0),
      BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ignored_port, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, 0xffffffffU),
      BPF_STMT(BPF_RET | BPF_K, 0),
  }};
  const sock_fprog attached{static_cast<unsigned short>(program.size()), program.data()};
  return setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &attached, sizeof attached) == 0;
}

template <class Predicate>
std::vector<Segment> select(const std::vector<Segment>& all, Predicate predicate) {
  std::vector<Segment> chosen;
  for (const Segment& segment : all) {
    if (predicate(segment)) chosen.push_back(segment);
  }
  return chosen;
}

}  // namespace

std::string to_text(const Segment& segment) {
  std::string text =
      std::to_string(segment.source_port) + " > " + std::to_string(segment.destination_port);
  if (segment.syn) text += " SYN";
  if (segment.fin) text += " FIN";
  if (segment.rst) text += " RST";
  if (segment.ack) text += " ACK";
  return text + " seq=" + std::to_string(segment.sequence) +
         " len=" + std::to_string(segment.payload_bytes);
}

Result<PacketCapture> PacketCapture::start(std::uint16_t ignored_port) {
  const int descriptor =
      socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(ETH_P_IP));
  if (descriptor < 0) return Problem{"a packet socket is refused: ", std::strerror(errno)};
  PacketCapture capture{descriptor};
  if (!attach_filter(descriptor, ignored_port)) {
    return Problem{"the packet socket's filter is refused: ", std::strerror(errno)};
  }
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_IP);
  address.sll_ifindex = static_cast<int>(if_nametoindex("lo"));
  if (bind(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    return Problem{"the packet socket cannot be bound to lo: ", std::strerror(errno)};
  }
  return capture;
}

PacketCapture::PacketCapture(PacketCapture&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      lost_(other.lost_),
      segments_(std::move(other.segments_)) {}

PacketCapture::~PacketCapture() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

const std::vector<Segment>& PacketCapture::segments() {
  for (;;) {
    std::array<unsigned char, kHeaderBytes> bytes{};
    const ssize_t size = recv(descriptor_, bytes.data(), bytes.size(), 0);
    if (size < 0) return segments_;
    if (const auto segment = parse(bytes.data(), static_cast<std::size_t>(size))) {
      segments_.push_back(*segment);
    }
  }
}

std::vector<Segment> PacketCapture::from_port(std::uint16_t port) {
  return select(segments(), [=](const Segment& segment) { return segment.source_port == port; });
}

std::vector<Segment> PacketCapture::to_port(std::uint16_t port) {
  return select(segments(),
                [=](const Segment& segment) { return segment.destination_port == port; });
}

unsigned PacketCapture::lost() {
  tpacket_stats statistics{};
  socklen_t size = sizeof statistics;
  getsockopt(descriptor_, SOL_PACKET, PACKET_STATISTICS, &statistics, &size);
  lost_ += statistics.tp_drops;
  return lost_;
}

}  // namespace halfopen::test

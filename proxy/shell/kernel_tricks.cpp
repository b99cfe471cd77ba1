#include "proxy/shell/kernel_tricks.hpp"

#include <linux/filter.h>
#include <linux/sock_diag.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <limits>

#include "metrics/clock.hpp"

namespace halfopen {
namespace {

constexpr int kRepairOn = 1;
constexpr int kRepairOff = 0;
constexpr int kRepairOffNoProbe = -1;
constexpr int kDrainReadsMax = 64;

template <class Value>
bool set_option(int socket, int level, int name, const Value& value) {
  return setsockopt(socket, level, name, &value, sizeof value) == 0;
}

Problem failure(const char* what) {
  return Problem{what, ": ", std::strerror(errno)};
}

std::size_t queued_bytes(int socket, unsigned long request) {
  int bytes = 0;
  if (ioctl(socket, request, &bytes) != 0 || bytes < 0) return 0;
  return static_cast<std::size_t>(bytes);
}

// close(2) sends RST instead of FIN while unread data is queued; an orderly close reads it off.
void discard_unread(int socket) {
  std::array<char, 65536> sink;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  for (int i = 0; i < kDrainReadsMax; ++i) {
    if (recv(socket, sink.data(), sink.size(), MSG_DONTWAIT) <= 0) return;
  }
}

}  // namespace

Result<void> set_mark(int socket, std::uint32_t mark) {
  if (!set_option(socket, SOL_SOCKET, SO_MARK, mark)) return failure("SO_MARK");
  return {};
}

Result<void> arm_repair(int socket) {
  if (!set_option(socket, IPPROTO_TCP, TCP_REPAIR, kRepairOn)) return failure("TCP_REPAIR");
  return {};
}

void disarm_repair(int socket) {
  set_option(socket, IPPROTO_TCP, TCP_REPAIR, kRepairOffNoProbe);
  // Repair mode took over the socket's address reuse and leaves it off, so that a listener on the
  // same port could not be reopened while this connection lives.
  set_option(socket, SOL_SOCKET, SO_REUSEADDR, 1);
}

void send_probe(int socket) {
  // Leaving repair mode the plain way sends a window probe (net/ipv4/tcp.c, tcp_send_window_probe).
  if (!set_option(socket, IPPROTO_TCP, TCP_REPAIR, kRepairOn)) return;
  set_option(socket, IPPROTO_TCP, TCP_REPAIR, kRepairOff);
  set_option(socket, SOL_SOCKET, SO_REUSEADDR, 1);
}

Result<void> attach_drop_filter(int socket) {
  sock_filter instruction = BPF_STMT(BPF_RET | BPF_K, 0);
  const sock_fprog program{1, &instruction};
  if (!set_option(socket, SOL_SOCKET, SO_ATTACH_FILTER, program)) {
    return failure("SO_ATTACH_FILTER");
  }
  return {};
}

Result<void> attach_fin_filter(int socket) {
  // The program sees a TCP header at its beginning; the flags are its 14th byte.
  constexpr unsigned kFlagsOffset = 13;
  constexpr unsigned kFin = 0x01;
  constexpr unsigned kWhole = std::numeric_limits<unsigned>::max();
  std::array<sock_filter, 4> instructions{{
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, kFlagsOffset),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, kFin, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, 0),
      BPF_STMT(BPF_RET | BPF_K, kWhole),
  }};
  const sock_fprog program{instructions.size(), instructions.data()};
  if (!set_option(socket, SOL_SOCKET, SO_ATTACH_FILTER, program)) {
    return failure("SO_ATTACH_FILTER");
  }
  return {};
}

Result<void> attach_handshake_filter(int socket) {
  constexpr unsigned kDataOffset = 12;
  constexpr unsigned kFlagsOffset = 13;
  constexpr unsigned kFin = 0x01;
  constexpr unsigned kWhole = std::numeric_limits<unsigned>::max();
  // Drops where the segment is longer than its header, of which the upper half of byte 12 is the
  // length in words of four bytes.
  std::array<sock_filter, 10> instructions{{
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, kDataOffset),
      BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 4),
      BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 2),
      BPF_STMT(BPF_MISC | BPF_TAX, 0),
      BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
      BPF_JUMP(BPF_JMP | BPF_JGT | BPF_X, 0, 2, 0),
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, kFlagsOffset),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, kFin, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, 0),
      BPF_STMT(BPF_RET | BPF_K, kWhole),
  }};
  const sock_fprog program{instructions.size(), instructions.data()};
  if (!set_option(socket, SOL_SOCKET, SO_ATTACH_FILTER, program)) {
    return failure("SO_ATTACH_FILTER");
  }
  return {};
}

void detach_filter(int socket) {
  set_option(socket, SOL_SOCKET, SO_DETACH_FILTER, 0);
}

Result<void> silence(int socket, std::uint32_t mark) {
  // The mark comes first: from here on nothing leaves. What arrives before the filter is in place
  // is received, but its ACK is dropped, so the sender will send it again.
  if (auto done = set_mark(socket, mark); done.has_error()) return done;
  if (auto done = arm_repair(socket); done.has_error()) return done;
  if (auto done = attach_drop_filter(socket); done.has_error()) return done;
  // A socket that gives up retransmitting ceases to exist, and the kernel would answer its peer's
  // next segment with a RST: the retransmission limit must not end the silence.
  set_option(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, std::numeric_limits<int>::max());
  return {};
}

void unsilence(int socket, const Restraint& still) {
  disarm_repair(socket);
  // Without its filter the leg would at least speak again.
  (void)restrain(socket, still);
}

Result<void> restrain(int socket, const Restraint& restraint) {
  // What is cut in one direction does not give up either.
  const bool is_cut = restraint.is_deaf || restraint.mute_mark.has_value();
  set_option(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, is_cut ? std::numeric_limits<int>::max() : 0);
  set_option(socket, SOL_SOCKET, SO_MARK, restraint.mute_mark.value_or(0U));
  // One filter takes the place of the other at once.
  Result<void> attached;
  if (restraint.is_deaf) {
    attached = attach_drop_filter(socket);
  } else if (restraint.hear_fins == HearFins::kNo) {
    attached = attach_fin_filter(socket);
  } else {
    detach_filter(socket);
  }
  if (attached.has_error()) detach_filter(socket);
  return attached;
}

Result<void> silence_listener(int socket, std::uint32_t mark) {
  // The filter comes first: a connection takes over for good the mark that its listener had when
  // its SYN came, so no SYN may get in while the listener has one.
  if (auto done = attach_drop_filter(socket); done.has_error()) return done;
  // A dial that was half way goes on: the kernel repeats its SYN-ACK, as a packet of the listener.
  return set_mark(socket, mark);
}

void unsilence_listener(int socket) {
  set_option(socket, SOL_SOCKET, SO_MARK, 0U);
  detach_filter(socket);
}

void close_with(LegEnd how, Descriptor socket) {
  if (!socket.is_open()) return;
  switch (how) {
    case LegEnd::kFin:
      discard_unread(socket.get());
      return;
    case LegEnd::kRst:
      set_option(socket.get(), SOL_SOCKET, SO_LINGER, linger{1, 0});
      return;
    case LegEnd::kVanish:
      // Without the ability the close is a FIN: the caller has checked that it is there.
      set_option(socket.get(), IPPROTO_TCP, TCP_REPAIR, kRepairOn);
      return;
  }
}

namespace {

// A jiffy, in which the kernel keeps the stamps of TCP_INFO.
Duration kernel_tick() {
  static const Duration tick = [] {
    timespec resolution{};
    if (clock_getres(CLOCK_MONOTONIC_COARSE, &resolution) != 0) return Duration{10'000'000};
    return Duration{resolution.tv_nsec};
  }();
  return tick;
}

}  // namespace

std::optional<Look> look_at(int socket, CountSwallowed count) {
  tcp_info raw{};
  socklen_t size = sizeof raw;
  Look look;
  look.began_at = monotonic_now();
  if (getsockopt(socket, IPPROTO_TCP, TCP_INFO, &raw, &size) != 0) return std::nullopt;
  if (count == CountSwallowed::kYes) look.swallowed_segments = dropped_segments(socket);
  look.ended_at = monotonic_now();
  look.segments_in = raw.tcpi_segs_in;
  look.data_segments_in = raw.tcpi_data_segs_in;
  look.bytes_acked = raw.tcpi_bytes_acked;
  look.peer_window_bytes = raw.tcpi_snd_wnd;
  look.tcp_state = raw.tcpi_state;
  look.has_outstanding_data = raw.tcpi_unacked > 0 || raw.tcpi_notsent_bytes > 0;
  look.retransmissions = raw.tcpi_total_retrans;
  look.last_ack_age = std::chrono::milliseconds(raw.tcpi_last_ack_recv);
  look.last_ack_error = kernel_tick() + std::chrono::milliseconds(1);
  return look;
}

std::uint32_t dropped_segments(int socket) {
  std::array<std::uint32_t, SK_MEMINFO_VARS> memory{};
  socklen_t size = sizeof memory;
  if (getsockopt(socket, SOL_SOCKET, SO_MEMINFO, memory.data(), &size) != 0) return 0;
  return memory.at(SK_MEMINFO_DROPS);
}

std::size_t unread_bytes(int socket) {
  return queued_bytes(socket, SIOCINQ);
}

std::size_t unsent_bytes(int socket) {
  return queued_bytes(socket, SIOCOUTQNSD);
}

int take_socket_error(int socket) {
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
  return error;
}

}  // namespace halfopen

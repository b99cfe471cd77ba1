#include "harness/shell/socket_oracle.hpp"

#include <arpa/inet.h>
#include <dirent.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <set>

#include "metrics/kernel_evidence.hpp"

namespace halfopen {
namespace {

using Address = std::array<std::uint32_t, 4>;  // as inet_diag has it, in the wire's byte order

// A program that listens on "::" has sockets of IPv6 for its peers of IPv4 (RFC 4291, 2.5.5.2);
// they are called what they are on the wire.
bool is_mapped(const Address& address) {
  return address[0] == 0 && address[1] == 0 && address[2] == htonl(0xffffU);
}

std::string endpoint_text(int family, const Address& address, std::uint16_t port) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const std::string suffix = ":" + std::to_string(ntohs(port));
  if (family == AF_INET6 && !is_mapped(address)) {
    ::inet_ntop(AF_INET6, address.data(), text.data(), text.size());
    return "[" + std::string(text.data()) + "]" + suffix;
  }
  const std::uint32_t raw = family == AF_INET6 ? address[3] : address[0];
  ::inet_ntop(AF_INET, &raw, text.data(), text.size());
  return text.data() + suffix;
}

bool is_of_the_loopback(const std::string& end) {
  return end.starts_with("127.") || end.starts_with("[::1]:");
}

// The older request, since it alone asks for both families at once: each dump walks a table that
// all network namespaces of the machine share, which takes milliseconds.
bool ask_for_all(int descriptor) {
  struct {
    nlmsghdr header;
    inet_diag_req request;
  } message{};
  message.header.nlmsg_len = sizeof message;
  message.header.nlmsg_type = TCPDIAG_GETSOCK;
  message.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  message.request.idiag_states = 0xffffffffU;
  return ::send(descriptor, &message, sizeof message, 0) == static_cast<ssize_t>(sizeof message);
}

KernelSocket from_message(const inet_diag_msg& raw) {
  Address source{};
  Address destination{};
  std::memcpy(source.data(), raw.id.idiag_src, sizeof source);
  std::memcpy(destination.data(), raw.id.idiag_dst, sizeof destination);
  KernelSocket socket;
  socket.state = tcp_state_name(raw.idiag_state);
  socket.local = endpoint_text(raw.idiag_family, source, raw.id.idiag_sport);
  socket.remote = endpoint_text(raw.idiag_family, destination, raw.id.idiag_dport);
  socket.inode = raw.idiag_inode;
  socket.receive_queue_bytes = raw.idiag_rqueue;
  socket.send_queue_bytes = raw.idiag_wqueue;
  return socket;
}

// What an error message of netlink(7) says; 0 where it is none or carries no error.
int error_of(const nlmsghdr& header, const char* message) {
  if (header.nlmsg_type != NLMSG_ERROR) return 0;
  nlmsgerr refusal{};
  if (header.nlmsg_len < NLMSG_HDRLEN + sizeof refusal) return EPROTO;
  std::memcpy(&refusal, message + NLMSG_HDRLEN, sizeof refusal);
  return -refusal.error;
}

// Dumps the kernel's table; `visit` gets each socket. Answers 0 or the kernel's errno: a table that
// could not be read is not an empty one.
template <class Visit>
int dump(int descriptor, Visit visit) {
  if (!ask_for_all(descriptor)) return errno;
  alignas(nlmsghdr) std::array<char, 32768> buffer{};
  while (true) {
    const ssize_t received = ::recv(descriptor, buffer.data(), buffer.size(), 0);
    if (received < 0 && errno == EINTR) continue;
    if (received <= 0) return received < 0 ? errno : EPROTO;
    auto left = static_cast<std::size_t>(received);
    std::size_t at = 0;
    while (left >= sizeof(nlmsghdr)) {
      nlmsghdr header{};
      std::memcpy(&header, buffer.data() + at, sizeof header);
      if (header.nlmsg_len < sizeof header || header.nlmsg_len > left) return EPROTO;
      if (header.nlmsg_type == NLMSG_DONE) return 0;
      if (header.nlmsg_type == NLMSG_ERROR) return error_of(header, buffer.data() + at);
      inet_diag_msg raw{};
      if (header.nlmsg_len >= NLMSG_HDRLEN + sizeof raw) {
        std::memcpy(&raw, buffer.data() + at + NLMSG_HDRLEN, sizeof raw);
        visit(raw);
      }
      const std::size_t step = NLMSG_ALIGN(header.nlmsg_len);
      if (step >= left) break;
      left -= step;
      at += step;
    }
  }
}

template <class Visit>
Result<void> read_all(int descriptor, Visit visit) {
  const int error = dump(descriptor, visit);
  if (error == 0) return {};
  return Problem{"the kernel's table of TCP sockets cannot be read: ", std::strerror(error)};
}

// Answers 0 or the kernel's errno.
int destroy(int descriptor, const inet_diag_msg& socket) {
  struct {
    nlmsghdr header;
    inet_diag_req_v2 request;
  } message{};
  message.header.nlmsg_len = sizeof message;
  message.header.nlmsg_type = SOCK_DESTROY;
  message.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
  message.request.sdiag_family = socket.idiag_family;
  message.request.sdiag_protocol = IPPROTO_TCP;
  message.request.idiag_states = 1U << socket.idiag_state;
  message.request.id = socket.id;
  if (::send(descriptor, &message, sizeof message, 0) < 0) return errno;
  struct {
    nlmsghdr header;
    nlmsgerr error;
    std::array<char, 512> rest;
  } answer{};
  if (::recv(descriptor, &answer, sizeof answer, 0) < 0) return errno;
  return answer.header.nlmsg_type == NLMSG_ERROR ? -answer.error.error : 0;
}

bool is_meant(const std::string& end, const std::string& wanted) {
  if (wanted.empty()) return true;
  return wanted.find(':') == std::string::npos ? end.starts_with(wanted + ":") : end == wanted;
}

}  // namespace

Result<std::vector<KernelSocket>> read_kernel_sockets() {
  const int descriptor = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  if (descriptor < 0) return Problem{"sock_diag: ", std::strerror(errno)};
  std::vector<KernelSocket> sockets;
  const auto read =
      read_all(descriptor, [&](const inet_diag_msg& raw) { sockets.push_back(from_message(raw)); });
  ::close(descriptor);
  if (read.has_error()) return read.error();
  return sockets;
}

Result<std::size_t> destroy_kernel_sockets(const std::string& local, const std::string& remote) {
  const int descriptor = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  if (descriptor < 0) return Problem{"sock_diag: ", std::strerror(errno)};
  std::vector<inet_diag_msg> all;
  const auto read = read_all(descriptor, [&](const inet_diag_msg& raw) { all.push_back(raw); });
  if (read.has_error()) {
    ::close(descriptor);
    return read.error();
  }
  std::size_t destroyed = 0;
  int error = 0;
  for (const inet_diag_msg& raw : all) {
    const KernelSocket socket = from_message(raw);
    if (socket.state == "LISTEN" || socket.state == "TIME_WAIT") continue;
    if (local.empty() && remote.empty() && is_of_the_loopback(socket.local)) continue;
    if (!is_meant(socket.local, local) || !is_meant(socket.remote, remote)) continue;
    const int outcome = destroy(descriptor, raw);
    // It may have ended by itself since it was listed.
    if (outcome == 0) ++destroyed;
    if (outcome != 0 && outcome != ENOENT) error = outcome;
  }
  ::close(descriptor);
  if (error != 0) {
    return Problem{"the kernel refuses SOCK_DESTROY: ", std::strerror(error),
                   "; it needs CONFIG_INET_DIAG_DESTROY"};
  }
  return destroyed;
}

std::map<std::string, int> count_sockets_of(int pid, const std::vector<KernelSocket>& sockets,
                                            const std::string& ignored_local) {
  std::set<std::uint32_t> inodes;
  const std::string folder = "/proc/" + std::to_string(pid) + "/fd";
  if (DIR* directory = ::opendir(folder.c_str())) {
    while (const dirent* entry = ::readdir(directory)) {
      std::array<char, 64> target{};
      const std::string path = folder + "/" + entry->d_name;
      const ssize_t length = ::readlink(path.c_str(), target.data(), target.size() - 1);
      constexpr std::string_view kPrefix = "socket:[";
      if (length > 0 && std::string_view(target.data()).starts_with(kPrefix)) {
        inodes.insert(
            static_cast<std::uint32_t>(std::strtoul(target.data() + kPrefix.size(), nullptr, 10)));
      }
    }
    ::closedir(directory);
  }
  std::map<std::string, int> counts;
  for (const char* state : {"ESTABLISHED", "CLOSE_WAIT", "LISTEN", "SYN_SENT"})
    counts[state] = 0;
  for (const KernelSocket& socket : sockets) {
    if (socket.local == ignored_local || !inodes.contains(socket.inode)) continue;
    ++counts[socket.state];
  }
  return counts;
}

}  // namespace halfopen

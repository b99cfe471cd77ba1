#include "harness/shell/abilities.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>

#include "harness/shell/capture.hpp"
#include "harness/shell/conntrack.hpp"
#include "harness/shell/network_namespaces.hpp"
#include "harness/shell/process.hpp"
#include "harness/shell/socket_oracle.hpp"
#include "harness/worlds/kernel_world.hpp"

namespace halfopen {
namespace {

constexpr const char* kCapabilityRemedy =
    "CAP_NET_ADMIN is needed: allow unprivileged user namespaces with their capabilities (on "
    "Ubuntu: sysctl kernel.apparmor_restrict_unprivileged_userns=0), or run as root (in a "
    "container: --cap-add SYS_ADMIN,NET_ADMIN)";
constexpr rlim_t kDescriptorsWanted = 1024;
constexpr int kArrivalMilliseconds = 200;  // loopback delivers in microseconds

struct Descriptor {
  int value = -1;
  ~Descriptor() {
    if (value >= 0) ::close(value);
  }
};

sockaddr_in loopback(std::uint16_t port_network_order = 0) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = port_network_order;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// The socket API takes sockaddr*, which no C++ cast but this one makes.
const sockaddr* generic(const sockaddr_in& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

bool bind_loopback(int descriptor, sockaddr_in& bound) {
  bound = loopback();
  socklen_t size = sizeof bound;
  return ::bind(descriptor, generic(bound), sizeof bound) == 0 &&
         ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&bound), &size) == 0;
}

bool connected_pair(Descriptor& client, Descriptor& server) {
  Descriptor listener{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_in address{};
  if (!bind_loopback(listener.value, address) || ::listen(listener.value, 1) != 0) return false;
  client.value = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(client.value, generic(address), sizeof address) != 0) return false;
  server.value = ::accept4(listener.value, nullptr, nullptr, SOCK_CLOEXEC);
  return server.value >= 0;
}

bool arrives(int descriptor) {
  pollfd waiting{descriptor, POLLIN, 0};
  return ::poll(&waiting, 1, kArrivalMilliseconds) == 1;
}

Ability finish(Ability ability, int error, const char* remedy) {
  ability.works = error == 0;
  if (error != 0) {
    ability.found = std::strerror(error);
    ability.remedy = remedy;
  } else if (ability.found.empty()) {
    ability.found = "works";
  }
  return ability;
}

Ability try_filter() {
  Ability ability{"filter", "swallows what arrives on a TCP socket before it is acknowledged",
                  false, "", ""};
  Descriptor client;
  Descriptor server;
  if (!connected_pair(client, server)) return finish(ability, errno, "bring the loopback up");
  std::array<sock_filter, 1> drop_all{sock_filter{BPF_RET | BPF_K, 0, 0, 0}};
  const sock_fprog program{static_cast<unsigned short>(drop_all.size()), drop_all.data()};
  if (::setsockopt(server.value, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0) {
    return finish(ability, errno, kCapabilityRemedy);
  }
  (void)!::send(client.value, "x", 1, MSG_NOSIGNAL);
  if (arrives(server.value)) {
    ability.found = "the filter was taken but swallows nothing";
    ability.remedy = "a newer kernel is needed";
    return ability;
  }
  return finish(ability, 0, "");
}

Ability try_repair() {
  Ability ability{"repair", "ends a connection without a FIN or a RST, as a power loss does", false,
                  "", ""};
  Descriptor client;
  Descriptor server;
  if (!connected_pair(client, server)) return finish(ability, errno, "bring the loopback up");
  const int on = 1;
  const int outcome = ::setsockopt(client.value, IPPROTO_TCP, TCP_REPAIR, &on, sizeof on);
  return finish(ability, outcome == 0 ? 0 : errno, kCapabilityRemedy);
}

// Sends a datagram to itself, with `mark` or without; true when it arrives.
std::optional<bool> datagram_arrives(std::uint32_t mark) {
  Descriptor receiver{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  Descriptor sender{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  sockaddr_in address{};
  if (!bind_loopback(receiver.value, address)) return std::nullopt;
  if (mark != 0 && ::setsockopt(sender.value, SOL_SOCKET, SO_MARK, &mark, sizeof mark) != 0) {
    return std::nullopt;
  }
  (void)!::sendto(sender.value, "x", 1, MSG_NOSIGNAL, generic(address), sizeof address);
  return arrives(receiver.value);
}

Ability try_mark() {
  Ability ability{"mark", "marks what a socket sends, for the rule that drops it", false, "", ""};
  Descriptor sender{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  const std::uint32_t mark = kBlackHoleMark;
  const int outcome = ::setsockopt(sender.value, SOL_SOCKET, SO_MARK, &mark, sizeof mark);
  return finish(ability, outcome == 0 ? 0 : errno, kCapabilityRemedy);
}

Ability try_packet_filter(const std::string& directory) {
  Ability ability{"nft", "drops marked packets on their way out of a black hole", false, "", ""};
  const auto executable = find_executable("nft");
  if (executable.has_error()) {
    ability.found = executable.error().text;
    ability.remedy = "apt-get install nftables";
    return ability;
  }
  const std::string rules_path = directory + "/black-hole.nft";
  std::ofstream(rules_path) << black_hole_rules();
  LaunchSettings settings;
  settings.executable = *executable;
  settings.arguments = {"-f", rules_path};
  settings.directory = directory;
  settings.log_path = directory + "/nft.log";
  settings.network_admin = true;
  if (const auto loaded = run_to_end(settings); loaded.has_error()) {
    ability.found = loaded.error().text;
    ability.remedy =
        "the kernel needs nf_tables (modprobe nf_tables as root), and the namespace "
        "needs CAP_NET_ADMIN";
    return ability;
  }
  const auto plain = datagram_arrives(0);
  const auto marked = datagram_arrives(kBlackHoleMark);
  if (plain != std::optional(true) || marked != std::optional(false)) {
    ability.found = "the rule was loaded, but marked packets are not the ones that it drops";
    ability.remedy = "look at `nft list ruleset` for rules that accept earlier";
    return ability;
  }
  return finish(ability, 0, "");
}

// A lab of two machines and a NAT, as the kernel world makes one for each link.
Ability try_lab(const std::string& directory) {
  Ability ability{"lab", "network namespaces with Linux's own NAT: the kernel world", false, "",
                  ""};
  Scenario scenario;
  scenario.nodes.resize(2);
  scenario.nodes[0].name = "a";
  scenario.nodes[1].name = "b";
  LinkSpec link;
  link.id = "a-b";
  link.dialer = link.inside = "a";
  link.listener = "b";
  link.faults = {{"nat", "nat", {{"idle_timeout", "3s"}}, {}}};
  scenario.links = {link};
  NetworkNamespaces namespaces(directory + "/lab-tried");
  auto tried = namespaces.make(KernelWorld(scenario).namespaces());
  if (tried.has_value()) {
    tried =
        in_network_namespace(namespaces.descriptor(KernelWorld::router_of(link)), flush_conntrack);
  }
  if (tried.has_value()) return finish(ability, 0, "");
  ability.found = tried.error().text;
  ability.remedy =
      "apt-get install nftables iproute2; the kernel needs veth, nf_tables, nft_masq and "
      "nf_conntrack_netlink (modprobe them as root), and the namespace needs CAP_NET_ADMIN and "
      "CAP_SYS_ADMIN";
  return ability;
}

Ability try_socket_table() {
  Ability ability{"inet-diag", "reads the kernel's own table of connections: the oracle", false, "",
                  ""};
  const auto sockets = read_kernel_sockets();
  if (sockets.has_error()) {
    ability.found = sockets.error().text;
    ability.remedy = "the kernel needs inet_diag and tcp_diag (modprobe tcp_diag as root)";
    return ability;
  }
  return finish(ability, 0, "");
}

Ability try_capture() {
  Ability ability{"capture", "sees the packets of a link: --pcap, and the kernel world's middlebox",
                  false, "", ""};
  boost::asio::io_context context(1);
  CaptureSettings settings;
  settings.interface = "any";
  const auto opened = Capture::open(context, settings, {});
  if (opened.has_value()) return finish(ability, 0, "");
  ability.found = opened.error().text;
  ability.remedy =
      "the kernel needs af_packet (modprobe af_packet as root), and the namespace "
      "needs CAP_NET_RAW";
  return ability;
}

Ability try_own_proc() {
  Ability ability{"proc", "sees only the run's own processes", false, "", ""};
  std::array<char, 16> target{};
  if (::readlink("/proc/self", target.data(), target.size() - 1) > 0 &&
      std::to_string(::getpid()) == target.data()) {
    return finish(ability, 0, "");
  }
  ability.found = "/proc could not be mounted anew";
  ability.remedy =
      "in a container: --security-opt systempaths=unconfined; without it the socket "
      "oracle sees nothing";
  return ability;
}

Ability try_descriptors() {
  Ability ability{"descriptors", "file descriptors for connections and logs", false, "", ""};
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  ability.found =
      std::to_string(limit.rlim_cur) + " (hard limit " + std::to_string(limit.rlim_max) + ")";
  ability.works = limit.rlim_cur >= kDescriptorsWanted;
  if (!ability.works) ability.remedy = "ulimit -n " + std::to_string(kDescriptorsWanted);
  return ability;
}

}  // namespace

std::vector<Ability> try_abilities(const std::string& directory,
                                   const std::vector<std::string>& wanted) {
  const std::array<std::pair<std::string_view, std::function<Ability()>>, 9> all{
      {{"filter", try_filter},
       {"repair", try_repair},
       {"mark", try_mark},
       {"nft", [&] { return try_packet_filter(directory); }},
       {"lab", [&] { return try_lab(directory); }},
       {"inet-diag", try_socket_table},
       {"capture", try_capture},
       {"proc", try_own_proc},
       {"descriptors", try_descriptors}}};
  std::vector<Ability> abilities;
  for (const auto& [name, attempt] : all) {
    if (wanted.empty() || std::find(wanted.begin(), wanted.end(), name) != wanted.end()) {
      abilities.push_back(attempt());
    }
  }
  return abilities;
}

std::string missing_abilities(const std::vector<std::string>& needs,
                              const std::vector<Ability>& abilities) {
  std::string missing;
  for (const std::string& need : needs) {
    bool works = false;
    std::string why = "halfopen knows no such ability";
    for (const Ability& ability : abilities) {
      if (ability.name != need) continue;
      works = ability.works;
      why = ability.found + "; remedy: " + ability.remedy;
    }
    if (works) continue;
    missing.append(missing.empty() ? "" : "; ").append(need).append(": ").append(why);
  }
  return missing;
}

}  // namespace halfopen

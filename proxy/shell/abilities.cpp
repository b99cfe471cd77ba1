#include "proxy/shell/abilities.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cstdio>

#include "proxy/shell/descriptor.hpp"
#include "proxy/shell/kernel_tricks.hpp"

namespace halfopen {
namespace {

constexpr int kDatagramDeadlineMilliseconds = 200;

// Sends a marked datagram to a socket of our own and an unmarked one after it. Once the second is
// there, the first either is too or was dropped.
bool marked_packets_are_dropped(std::uint32_t mark) {
  const Descriptor receiver{socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  const Descriptor sender{socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(receiver.get(), generic, sizeof address) != 0) return false;
  if (getsockname(receiver.get(), generic, &size) != 0) return false;
  if (connect(sender.get(), generic, size) != 0) return false;
  if (set_mark(sender.get(), mark).has_error()) return false;
  char letter = 'm';
  // A rule in the output hook fails the call; one further on lets it succeed.
  (void)send(sender.get(), &letter, 1, 0);
  if (set_mark(sender.get(), 0).has_error()) return false;
  letter = 'u';
  if (send(sender.get(), &letter, 1, 0) != 1) return false;
  pollfd readable{receiver.get(), POLLIN, 0};
  if (poll(&readable, 1, kDatagramDeadlineMilliseconds) != 1) return false;
  char first = 0;
  return recv(receiver.get(), &first, 1, 0) == 1 && first == 'u';
}

}  // namespace

Abilities probe_abilities(std::uint32_t mark) {
  Abilities found;
  const Descriptor tcp{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (!tcp.is_open()) return found;
  found.filter = attach_drop_filter(tcp.get()).has_value();
  found.repair = arm_repair(tcp.get()).has_value();
  found.mark = set_mark(tcp.get(), mark).has_value();
  found.egress_drop = found.mark && marked_packets_are_dropped(mark);
  return found;
}

std::optional<std::string> missing_abilities(const AbilityNeeds& needs, const Abilities& abilities,
                                             std::uint32_t mark) {
  static constexpr const char* kCapability =
      " (run fault-proxy in a user and network namespace, for instance by unshare -Urn, or with "
      "CAP_NET_ADMIN)";
  if (needs.filter && !abilities.filter) {
    return std::string("this machine does not let the proxy attach a filter to a TCP socket") +
           kCapability;
  }
  if (needs.repair && !abilities.repair) {
    return std::string("this machine does not let the proxy use TCP_REPAIR") + kCapability;
  }
  if (needs.egress_drop && !abilities.mark) {
    return std::string("this machine does not let the proxy mark its packets (SO_MARK)") +
           kCapability;
  }
  if (needs.egress_drop && !abilities.egress_drop) {
    char number[16];  // NOLINT(cppcoreguidelines-avoid-c-arrays)
    std::snprintf(number, sizeof number, "0x%x", mark);
    return std::string("packets with the mark ") + number +
           " are not dropped on their way out, so a silent connection would leak; install the "
           "rule in the proxy's network namespace: nft add table inet halfopen; "
           "nft add chain inet halfopen output "
           "'{ type filter hook output priority 0; policy accept; }'; "
           "nft add rule inet halfopen output meta mark " +
           number + " drop";
  }
  return std::nullopt;
}

}  // namespace halfopen

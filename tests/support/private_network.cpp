#include "tests/support/private_network.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace halfopen::test {
namespace {

Problem failure(const char* what) {
  return Problem{what, ": ", std::strerror(errno)};
}

bool write_file(const char* path, const std::string& text) {
  const int descriptor = open(path, O_WRONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  const ssize_t written = write(descriptor, text.data(), text.size());
  close(descriptor);
  return written == static_cast<ssize_t>(text.size());
}

// The own uid is mapped to itself: some programs refuse to run as root.
Result<void> enter_user_namespace() {
  const uid_t uid = getuid();
  const gid_t gid = getgid();
  if (unshare(CLONE_NEWUSER) != 0) return failure("a user namespace is refused (unshare)");
  const auto map = [](unsigned id) { return std::to_string(id) + " " + std::to_string(id) + " 1"; };
  if (!write_file("/proc/self/setgroups", "deny") || !write_file("/proc/self/uid_map", map(uid)) ||
      !write_file("/proc/self/gid_map", map(gid))) {
    return failure("the user namespace's maps cannot be written");
  }
  return {};
}

// Without this a child of a process that is not root loses the capabilities at exec.
Result<void> pass_capabilities_on() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> data{};
  if (syscall(SYS_capget, &header, data.data()) != 0) return failure("capget");
  for (auto& half : data)
    half.inheritable = half.permitted;
  if (syscall(SYS_capset, &header, data.data()) != 0) return failure("capset");
  for (const int capability : {CAP_NET_ADMIN, CAP_NET_RAW, CAP_SYS_ADMIN}) {
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) != 0) {
      return failure("the namespace was granted but its capabilities were not (prctl)");
    }
  }
  return {};
}

Result<void> bring_loopback_up() {
  const int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  const bool up = ioctl(descriptor, SIOCSIFFLAGS, &request) == 0;
  const int error = errno;
  close(descriptor);
  errno = error;
  if (!up) return failure("loopback cannot be brought up");
  return {};
}

Result<void> run_nft(const std::string& ruleset) {
  FILE* nft = popen("nft -f - 2>&1", "w");
  if (nft == nullptr) return failure("nft cannot be started");
  std::fputs(ruleset.c_str(), nft);
  const int status = pclose(nft);
  if (status != 0) {
    return Problem{"nft refused the rule (exit ", std::to_string(WEXITSTATUS(status)), ")"};
  }
  return {};
}

}  // namespace

Result<void> enter_private_network() {
  static bool in_own_user_namespace = false;
  if (!in_own_user_namespace) {
    if (auto entered = enter_user_namespace(); entered.has_error()) return entered;
    if (auto passed = pass_capabilities_on(); passed.has_error()) return passed;
    in_own_user_namespace = true;
  }
  if (unshare(CLONE_NEWNET) != 0) return failure("a network namespace is refused (unshare)");
  return bring_loopback_up();
}

Result<void> drop_marked_packets(std::uint32_t mark) {
  return run_nft(
      "table inet halfopen {\n"
      "  chain output { type filter hook output priority 0; policy accept;\n"
      "    meta mark " +
      std::to_string(mark) + " drop\n  }\n}\n");
}

void stop_dropping_marked_packets() {
  (void)run_nft("delete table inet halfopen\n");
}

Result<void> drop_segments_from(std::uint16_t port) {
  return run_nft(
      "table inet bad_link {\n"
      "  chain output { type filter hook output priority 1; policy accept;\n"
      "    tcp sport " +
      std::to_string(port) + " drop\n  }\n}\n");
}

void stop_dropping_segments() {
  (void)run_nft("delete table inet bad_link\n");
}

}  // namespace halfopen::test

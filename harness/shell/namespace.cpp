#include "harness/shell/namespace.hpp"

#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/capability.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace halfopen {
namespace {

Result<bool> write_file(const std::string& path, const std::string& text) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (descriptor < 0) return Problem{"cannot open ", path, ": ", std::strerror(errno)};
  const ssize_t written = ::write(descriptor, text.data(), text.size());
  const int error = errno;
  ::close(descriptor);
  if (written != static_cast<ssize_t>(text.size())) {
    return Problem{"cannot write \"", text, "\" to ", path, ": ", std::strerror(error)};
  }
  return true;
}

// Own ids onto themselves: programs that refuse to be root see an ordinary user.
Result<bool> map_own_ids(uid_t user, gid_t group) {
  HALFOPEN_TRY(setgroups_denied, write_file("/proc/self/setgroups", "deny"));
  const std::string user_text = std::to_string(user);
  const std::string group_text = std::to_string(group);
  HALFOPEN_TRY(user_mapped, write_file("/proc/self/uid_map", user_text + " " + user_text + " 1\n"));
  HALFOPEN_TRY(group_mapped,
               write_file("/proc/self/gid_map", group_text + " " + group_text + " 1\n"));
  return setgroups_denied && user_mapped && group_mapped;
}

// A new /proc shows the new pid namespace. Containers that cover parts of /proc refuse the mount;
// the run goes on with the old one, and only the socket oracle notices.
void mount_own_proc() {
  if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return;
  (void)::mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr);
}

Problem refused(const char* what, int error) {
  return Problem{"this machine refuses a private ", what, " namespace: ", std::strerror(error),
                 "; allow unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone=1, "
                 "kernel.apparmor_restrict_unprivileged_userns=0, user.max_user_namespaces>0) or "
                 "run as root with CAP_SYS_ADMIN (in a container: --cap-add SYS_ADMIN,NET_ADMIN)"};
}

}  // namespace

bool die_with_parent(int expected_parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  return ::getppid() == expected_parent;  // it may have died before the prctl
}

Result<bool> bring_loopback_up() {
  const int descriptor = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return Problem{"socket: ", std::strerror(errno)};
  ifreq request{};
  std::strncpy(request.ifr_name, "lo", sizeof request.ifr_name - 1);
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  const int outcome = ::ioctl(descriptor, SIOCSIFFLAGS, &request);
  const int error = errno;
  ::close(descriptor);
  if (outcome != 0) return Problem{"cannot bring the loopback up: ", std::strerror(error)};
  return true;
}

Result<int> run_in_private_world(const std::function<int()>& body) {
  const pid_t parent = ::getppid();
  const uid_t user = ::geteuid();
  const gid_t group = ::getegid();
  if (user != 0) {
    if (::unshare(CLONE_NEWUSER) != 0) return refused("user", errno);
    // The credentials changed, which clears both of these (prctl(2)).
    ::prctl(PR_SET_DUMPABLE, 1);
    HALFOPEN_TRY(mapped, map_own_ids(user, group));
    if (!mapped) return Problem{"the user id could not be mapped"};
  }
  if (::unshare(CLONE_NEWNET) != 0) return refused("network", errno);
  if (::unshare(CLONE_NEWNS) != 0) return refused("mount", errno);
  if (::unshare(CLONE_NEWPID) != 0) return refused("pid", errno);
  // unshare(CLONE_NEWUSER) cleared the one that was set before (prctl(2)).
  if (!die_with_parent(parent)) return Problem{"the parent has gone"};

  // The child cannot see its parent's pid from inside, so it watches a pipe whose other end the
  // parent holds for as long as it lives: closed after our prctl means that nobody would end us.
  std::array<int, 2> alive{};
  if (::pipe2(alive.data(), O_CLOEXEC) != 0) return Problem{"pipe: ", std::strerror(errno)};
  const pid_t child = ::fork();
  if (child < 0) return refused("pid", errno);
  if (child == 0) {
    ::close(alive[1]);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    pollfd parent_end{alive[0], POLLIN, 0};
    if (::poll(&parent_end, 1, 0) != 0) ::_exit(137);
    ::close(alive[0]);
    mount_own_proc();
    if (const auto up = bring_loopback_up(); up.has_error()) {
      (void)!::write(STDERR_FILENO, up.error().text.data(), up.error().text.size());
      ::_exit(70);
    }
    ::_exit(body());
  }
  ::close(alive[0]);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  ::close(alive[1]);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

Result<bool> set_sysctls(const std::map<std::string, std::string>& sysctls) {
  for (const auto& [name, value] : sysctls) {
    std::string path = "/proc/sys/" + name;
    for (std::size_t at = sizeof "/proc/sys/" - 1; at < path.size(); ++at) {
      if (path[at] == '.') path[at] = '/';
    }
    HALFOPEN_TRY(written, write_file(path, value));
    if (!written) return false;
  }
  return true;
}

Result<bool> raise_ambient_network_capabilities() {
  static constexpr std::array<cap_value_t, 2> kKept{CAP_NET_ADMIN, CAP_NET_RAW};
  const cap_t capabilities = ::cap_get_proc();
  if (capabilities == nullptr) return Problem{"cap_get_proc: ", std::strerror(errno)};
  int outcome = ::cap_set_flag(capabilities, CAP_INHERITABLE, static_cast<int>(kKept.size()),
                               kKept.data(), CAP_SET);
  if (outcome == 0) outcome = ::cap_set_proc(capabilities);
  const int error = errno;
  ::cap_free(capabilities);
  if (outcome != 0) return Problem{"capabilities cannot be kept: ", std::strerror(error)};
  for (const cap_value_t capability : kKept) {
    if (::cap_set_ambient(capability, CAP_SET) != 0) {
      return Problem{"ambient capabilities are refused: ", std::strerror(errno)};
    }
  }
  return true;
}

void drop_ambient_capabilities() {
  (void)::cap_reset_ambient();
}

}  // namespace halfopen

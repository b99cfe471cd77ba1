// A private world for one run: PID 1 of its own pid, network and mount namespaces (and of a user
// namespace where the caller is not root).
//
// Because the worker is PID 1 there, nothing that it starts outlives it: not a daemon that called
// setsid, not after SIGKILL (pid_namespaces(7)). Namespaces are never given names, so nothing is
// left in the file system either. Must be called before the process has a second thread.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "base/result.hpp"

namespace halfopen {

// Makes the namespaces, forks, and runs `body` as PID 1 inside, with lo up and /proc mounted. The
// caller's own uid is mapped to itself and the capabilities of the new namespace are kept. Answers
// body's exit status (128 + signal if it was killed), or a Problem when the machine refuses the
// namespaces, with the remedy.
//
// The child dies with the caller (PR_SET_PDEATHSIG), the caller with its own parent.
[[nodiscard]] Result<int> run_in_private_world(const std::function<int()>& body);

// Inside: writes /proc/sys/net/... for each "net.ipv4.tcp_retries2" -> "3".
[[nodiscard]] Result<bool> set_sysctls(const std::map<std::string, std::string>& sysctls);

// Of the network namespace that this thread is in.
[[nodiscard]] Result<bool> bring_loopback_up();

// Inside: lets children that keep ambient capabilities have CAP_NET_ADMIN and CAP_NET_RAW through
// execve (capabilities(7)). Children that must not have them drop the ambient set first.
[[nodiscard]] Result<bool> raise_ambient_network_capabilities();
void drop_ambient_capabilities();

// This process is killed when its parent dies. False when the parent is already gone.
[[nodiscard]] bool die_with_parent(int expected_parent);

}  // namespace halfopen

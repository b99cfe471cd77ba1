// Network namespaces beside the worker's own: the machines and middleboxes of a lab.
//
// Intuition: a namespace lives as long as somebody holds it. Only the worker does, by a descriptor
// that is closed on exec: no name, no bind mount, no process, so nothing is left when the worker
// ends, however it ends.
//
// Invariant: the worker has one thread, and is in its own namespace whenever it runs anything but
// the body given to in_network_namespace.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "harness/worlds/world.hpp"

namespace halfopen {

// Runs `body` with this thread inside; sockets opened and /proc/sys/net written there are that
// namespace's. A Problem when the kernel refuses (setns(2)), else what the body answers.
[[nodiscard]] Result<void> in_network_namespace(int descriptor,
                                                const std::function<Result<void>()>& body);

class NetworkNamespaces {
 public:
  // `directory` is where scripts and their output are kept.
  explicit NetworkNamespaces(std::string directory) : directory_(std::move(directory)) {}
  ~NetworkNamespaces();
  NetworkNamespaces(const NetworkNamespaces&) = delete;
  NetworkNamespaces& operator=(const NetworkNamespaces&) = delete;

  // Makes them all, then their interfaces, rules and sysctls, each kind in the given order.
  [[nodiscard]] Result<void> make(const std::vector<NamespaceSpec>& specs);

  // -1 for "", the worker's own.
  [[nodiscard]] int descriptor(const std::string& name) const;

  [[nodiscard]] Result<void> load_rules(const std::string& name, const std::string& rules);
  [[nodiscard]] Result<void> configure_interfaces(const std::string& name,
                                                  const std::string& batch);
  [[nodiscard]] Result<void> write_sysctls(const std::string& name,
                                           const std::map<std::string, std::string>& sysctls);

 private:
  [[nodiscard]] Result<void> add(const std::string& name);
  [[nodiscard]] Result<void> run_script(const std::string& name, const std::string& program,
                                        const std::vector<std::string>& arguments,
                                        const std::string& suffix, const std::string& text);

  std::string directory_;
  std::map<std::string, int> descriptors_;
  unsigned scripts_ = 0;
};

}  // namespace halfopen

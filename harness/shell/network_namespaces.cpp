#include "harness/shell/network_namespaces.hpp"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/assert.hpp"
#include "harness/shell/namespace.hpp"
#include "harness/shell/process.hpp"
#include "harness/shell/run_directory.hpp"

namespace halfopen {
namespace {

constexpr const char* kOwnNamespace = "/proc/self/ns/net";

int open_own() {
  return ::open(kOwnNamespace, O_RDONLY | O_CLOEXEC);
}

}  // namespace

Result<void> in_network_namespace(int descriptor, const std::function<Result<void>()>& body) {
  if (descriptor < 0) return body();
  const int own = open_own();
  if (own < 0) return Problem{"cannot open ", kOwnNamespace, ": ", std::strerror(errno)};
  if (::setns(descriptor, CLONE_NEWNET) != 0) {
    const int error = errno;
    ::close(own);
    return Problem{"cannot enter a network namespace: ", std::strerror(error)};
  }
  auto outcome = body();
  // Nothing can refuse the way back to where this thread was a moment ago.
  const int back = ::setns(own, CLONE_NEWNET);
  HALFOPEN_ASSERT(back == 0);
  ::close(own);
  return outcome;
}

NetworkNamespaces::~NetworkNamespaces() {
  for (const auto& [name, descriptor] : descriptors_)
    ::close(descriptor);
}

Result<void> NetworkNamespaces::add(const std::string& name) {
  const int own = open_own();
  if (own < 0) return Problem{"cannot open ", kOwnNamespace, ": ", std::strerror(errno)};
  int made = -1;
  Result<void> outcome;
  if (::unshare(CLONE_NEWNET) != 0) {
    outcome = Problem{"this machine refuses one more network namespace: ", std::strerror(errno),
                      "; raise the sysctl user.max_net_namespaces"};
  } else {
    made = open_own();
    if (made < 0) outcome = Problem{"cannot open ", kOwnNamespace, ": ", std::strerror(errno)};
    if (const auto up = bring_loopback_up(); up.has_error()) outcome = up.error();
  }
  const int back = ::setns(own, CLONE_NEWNET);
  HALFOPEN_ASSERT(back == 0);
  ::close(own);
  if (made >= 0) descriptors_[name] = made;
  return outcome;
}

Result<void> NetworkNamespaces::make(const std::vector<NamespaceSpec>& specs) {
  if (specs.empty()) return {};
  if (const auto made = make_subdirectory(directory_); made.has_error()) return made.error();
  for (const NamespaceSpec& spec : specs)
    HALFOPEN_CHECK(add(spec.name));
  for (const NamespaceSpec& spec : specs)
    HALFOPEN_CHECK(configure_interfaces(spec.name, spec.interfaces));
  for (const NamespaceSpec& spec : specs)
    HALFOPEN_CHECK(load_rules(spec.name, spec.rules));
  for (const NamespaceSpec& spec : specs)
    HALFOPEN_CHECK(write_sysctls(spec.name, spec.sysctls));
  return {};
}

int NetworkNamespaces::descriptor(const std::string& name) const {
  if (name.empty()) return -1;
  const auto found = descriptors_.find(name);
  HALFOPEN_ASSERT(found != descriptors_.end() && "a world names only the namespaces that it made");
  return found->second;
}

Result<void> NetworkNamespaces::load_rules(const std::string& name, const std::string& rules) {
  if (rules.empty()) return {};
  return run_script(name, "nft", {"-f"}, "nft", rules);
}

Result<void> NetworkNamespaces::configure_interfaces(const std::string& name,
                                                     const std::string& batch) {
  if (batch.empty()) return {};
  std::map<std::string, std::string> words;
  for (const auto& [other, descriptor] : descriptors_) {
    words["{namespace:" + other + "}"] = "/proc/self/fd/" + std::to_string(descriptor);
  }
  return run_script(name, "ip", {"-batch"}, "ip", replace_words({batch}, words).front());
}

Result<void> NetworkNamespaces::run_script(const std::string& name, const std::string& program,
                                           const std::vector<std::string>& arguments,
                                           const std::string& suffix, const std::string& text) {
  // A file for each, since they are what a person reads who doubts the lab.
  std::string file = std::to_string(++scripts_) + "-" + name + "." + suffix;
  std::replace(file.begin(), file.end(), ':', '-');
  LaunchSettings settings;
  settings.directory = directory_;
  const std::string path = directory_ + "/" + file;
  if (const auto written = write_text_file(path, text); written.has_error()) return written.error();
  const auto executable = find_executable(program);
  if (executable.has_error()) {
    return Problem{executable.error().text, "; apt-get install nftables iproute2"};
  }
  settings.executable = *executable;
  settings.arguments = arguments;
  settings.arguments.push_back(path);
  settings.log_path = path + ".log";
  settings.network_admin = true;
  settings.network_namespace = descriptor(name);
  for (const auto& [other, descriptor] : descriptors_)
    settings.inherited.push_back(descriptor);
  if (const auto ran = run_to_end(settings); ran.has_error()) return ran.error();
  return {};
}

Result<void> NetworkNamespaces::write_sysctls(const std::string& name,
                                              const std::map<std::string, std::string>& sysctls) {
  if (sysctls.empty()) return {};
  return in_network_namespace(descriptor(name), [&]() -> Result<void> {
    const auto set = set_sysctls(sysctls);
    if (set.has_error()) return Problem{"sysctls of ", name, ": ", set.error().text};
    return {};
  });
}

}  // namespace halfopen

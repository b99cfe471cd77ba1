#include "harness/shell/network_change.hpp"

#include "base/assert.hpp"
#include "harness/shell/conntrack.hpp"
#include "harness/shell/socket_oracle.hpp"

namespace halfopen {
namespace {

struct Change {
  NetworkNamespaces& namespaces;

  Result<void> operator()(const LoadRules& load) const {
    return namespaces.load_rules(load.network_namespace, load.rules);
  }
  Result<void> operator()(const ConfigureInterfaces& configure) const {
    return namespaces.configure_interfaces(configure.network_namespace, configure.batch);
  }
  Result<void> operator()(const SetSysctls& set) const {
    return namespaces.write_sysctls(set.network_namespace, set.sysctls);
  }
  Result<void> operator()(const DestroySockets& destroy) const {
    return inside(destroy.network_namespace, [&]() -> Result<void> {
      const auto destroyed = destroy_kernel_sockets(destroy.local, destroy.remote);
      if (destroyed.has_error()) return destroyed.error();
      return {};
    });
  }
  Result<void> operator()(const FlushMappings& flush) const {
    return inside(flush.network_namespace, flush_conntrack);
  }
  Result<void> operator()(const RenewMappings& renew) const {
    return inside(renew.network_namespace, [&] { return renew_conntrack(renew.timeout); });
  }
  template <class Other>
  Result<void> operator()(const Other&) const {
    HALFOPEN_ASSERT(false && "no change of a network");
  }

  [[nodiscard]] Result<void> inside(const std::string& name,
                                    const std::function<Result<void>()>& body) const {
    return in_network_namespace(namespaces.descriptor(name), body);
  }
};

}  // namespace

Result<void> change_network(const Operation& operation, NetworkNamespaces& namespaces) {
  return std::visit(Change{namespaces}, operation);
}

}  // namespace halfopen

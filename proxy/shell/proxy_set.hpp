// All proxies of the program by name: what the control API and a --config file ask for, carried
// out, so that both refuse the same things with the same words.
//
// Invariants: a proxy is created with all of its faults or not at all; no call waits for a
// connection.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "proxy/shell/abilities.hpp"
#include "proxy/shell/proxy.hpp"
#include "proxy/shell/proxy_requests.hpp"
#include "proxy/shell/refusal.hpp"

namespace halfopen {

class ProxySet {
 public:
  explicit ProxySet(ProxyContext& context) : context_(context) {}
  ~ProxySet();
  ProxySet(const ProxySet&) = delete;
  ProxySet& operator=(const ProxySet&) = delete;

  [[nodiscard]] Answer<Proxy*> create(const ProxyRequest& request);
  [[nodiscard]] Answer<Proxy*> change(Proxy& proxy, const ProxyUpdate& update);
  [[nodiscard]] Answer<void> remove(const std::string& name);
  [[nodiscard]] Answer<Proxy*> find(const std::string& name);

  // A proxy that is there already and the same is kept with its connections and faults; another of
  // its name is replaced. Ends at the first that cannot be started; those before it stay.
  struct Populated {
    std::vector<Proxy*> proxies;
    std::optional<Refusal> refusal;
  };
  [[nodiscard]] Populated populate(const std::vector<ProxyRequest>& requests);
  // Starts every proxy that is disabled and removes every fault; what cannot be started does not
  // keep the rest from it.
  [[nodiscard]] Answer<void> reset();

  [[nodiscard]] Answer<Proxy::Fault*> add_fault(Proxy& proxy, const FaultSpec& fault);
  [[nodiscard]] Answer<void> change_fault(Proxy& proxy, Proxy::Fault& fault,
                                          const FaultSpec& changed);
  [[nodiscard]] Answer<void> remove_fault(Proxy& proxy, const std::string& name);

  [[nodiscard]] const std::map<std::string, std::shared_ptr<Proxy>>& all() const {
    return proxies_;
  }
  [[nodiscard]] Abilities abilities() const { return probe_abilities(context_.mark); }
  // 501 with the remedy where the machine does not allow it.
  [[nodiscard]] Answer<void> check_abilities(const AbilityNeeds& needs) const;

 private:
  [[nodiscard]] Answer<bool> is_same(Proxy& proxy, const ProxyRequest& request) const;

  ProxyContext& context_;
  std::map<std::string, std::shared_ptr<Proxy>> proxies_;
};

// A fault as it was asked for.
[[nodiscard]] const FaultSpec& spec_of(const Proxy::Fault& fault);

}  // namespace halfopen

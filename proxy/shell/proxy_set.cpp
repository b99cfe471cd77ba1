#include "proxy/shell/proxy_set.hpp"

#include <algorithm>
#include <optional>

namespace halfopen {
namespace {

// Of the faults only those that are asked for are looked at: Toxiproxy's clients name none, and
// what somebody has added since is kept.
bool has_all(const Proxy& proxy, const std::vector<FaultSpec>& wanted) {
  const auto is_there = [&](const FaultSpec& one) {
    const auto& faults = proxy.faults();
    return std::any_of(faults.begin(), faults.end(), [&](const Proxy::Fault& fault) {
      const FaultSpec& spec = spec_of(fault);
      return spec.name == one.name && spec.stream == one.stream && spec.toxicity == one.toxicity &&
             type_of(spec.config) == type_of(one.config) &&
             attributes_of(spec.config) == attributes_of(one.config);
    });
  };
  return std::all_of(wanted.begin(), wanted.end(), is_there);
}

}  // namespace

ProxySet::~ProxySet() {
  for (auto& [name, proxy] : proxies_)
    proxy->stop();
  proxies_.clear();
  // There is no later turn in which the connections that have ended now would be destroyed.
  context_.loop.forget_posted();
}

Answer<Proxy*> ProxySet::create(const ProxyRequest& request) {
  if (proxies_.contains(request.name)) return Refusal{409, "proxy already exists"};
  auto proxy = std::make_shared<Proxy>(
      context_, ProxySettings{request.name, request.listen, request.upstream, request.enabled,
                              request.half_close});
  if (auto started = proxy->start(); started.has_error()) {
    return Refusal{500, started.error().text, true};
  }
  proxies_.emplace(request.name, proxy);
  // Nobody is accepted in between: that is for a later turn of the loop.
  for (const FaultSpec& fault : request.faults) {
    if (auto added = add_fault(*proxy, fault); added.has_error()) {
      (void)remove(request.name);
      return Refusal{added.error().status, "faults: " + added.error().text,
                     added.error().is_well_formed};
    }
  }
  return proxy.get();
}

Answer<Proxy*> ProxySet::change(Proxy& proxy, const ProxyUpdate& update) {
  if (!has_all(proxy, update.faults)) {
    return Refusal{400,
                   "faults: use POST /proxies/{name}/faults to add one, POST or DELETE "
                   "/proxies/{name}/faults/{fault} to change or remove it"};
  }
  ProxySettings settings = proxy.settings();
  if (update.listen) settings.listen = *update.listen;
  if (update.upstream) settings.upstream = *update.upstream;
  settings.enabled = update.enabled.value_or(settings.enabled);
  settings.half_close = update.half_close.value_or(settings.half_close);
  if (auto changed = proxy.change(settings); changed.has_error()) {
    return Refusal{500, changed.error().text, true};
  }
  return &proxy;
}

Answer<void> ProxySet::remove(const std::string& name) {
  const auto found = proxies_.find(name);
  if (found == proxies_.end()) return Refusal{404, "proxy not found"};
  found->second->stop();
  // It may be in the middle of a call of its own.
  context_.loop.post([stopped = std::move(found->second)] {});
  proxies_.erase(found);
  return {};
}

Answer<Proxy*> ProxySet::find(const std::string& name) {
  const auto found = proxies_.find(name);
  if (found == proxies_.end()) return Refusal{404, "proxy not found"};
  return found->second.get();
}

Answer<bool> ProxySet::is_same(Proxy& proxy, const ProxyRequest& request) const {
  const auto differs = proxy.differs(request.listen, request.upstream);
  if (differs.has_error()) return Refusal{500, "listen tcp: " + differs.error().text, true};
  return !*differs && proxy.settings().half_close == request.half_close &&
         has_all(proxy, request.faults);
}

ProxySet::Populated ProxySet::populate(const std::vector<ProxyRequest>& requests) {
  Populated populated;
  for (const ProxyRequest& request : requests) {
    if (const auto found = proxies_.find(request.name); found != proxies_.end()) {
      const auto same = is_same(*found->second, request);
      if (same.has_error()) {
        populated.refusal = same.error();
        return populated;
      }
      if (*same) {
        populated.proxies.push_back(found->second.get());
        continue;
      }
      (void)remove(request.name);
    }
    const auto created = create(request);
    if (created.has_error()) {
      populated.refusal = created.error();
      return populated;
    }
    populated.proxies.push_back(*created);
  }
  return populated;
}

Answer<void> ProxySet::reset() {
  std::optional<Refusal> first;
  const auto note = [&](const auto& answer) {
    if (answer.has_error() && !first) first = answer.error();
  };
  for (const auto& [name, proxy] : proxies_) {
    ProxyUpdate start;
    start.enabled = true;
    note(change(*proxy, start));
    std::vector<std::string> names;
    for (const Proxy::Fault& fault : proxy->faults())
      names.push_back(spec_of(fault).name);
    for (const std::string& fault : names) {
      // One may have gone with another.
      if (proxy->find_fault(fault) != nullptr) note(remove_fault(*proxy, fault));
    }
  }
  if (first) return *first;
  return {};
}

Answer<void> ProxySet::check_abilities(const AbilityNeeds& needs) const {
  const auto missing = missing_abilities(needs, abilities(), context_.mark);
  if (!missing) return {};
  return Refusal{501, *missing, true};
}

Answer<Proxy::Fault*> ProxySet::add_fault(Proxy& proxy, const FaultSpec& fault) {
  if (proxy.find_fault(fault.name) != nullptr) {
    return Refusal{409, "fault already exists: " + fault.name};
  }
  if (!is_stream_fault(fault.config)) {
    const std::string type(type_of(fault.config));
    if (const auto* present = proxy.find_fault_of_type(type)) {
      return Refusal{409, "the proxy has a " + type + " fault already: " + spec_of(*present).name};
    }
  }
  if (auto able = check_abilities(needs_of(fault.config)); able.has_error()) return able.error();
  return &proxy.add_fault(fault);
}

Answer<void> ProxySet::change_fault(Proxy& proxy, Proxy::Fault& fault, const FaultSpec& changed) {
  if (auto able = check_abilities(needs_of(changed.config)); able.has_error()) return able.error();
  if (auto done = proxy.change_fault(fault, changed); done.has_error()) {
    return Refusal{409, done.error().text};
  }
  return {};
}

Answer<void> ProxySet::remove_fault(Proxy& proxy, const std::string& name) {
  if (auto removed = proxy.remove_fault(name); removed.has_error()) {
    return Refusal{500, removed.error().text, true};
  }
  return {};
}

const FaultSpec& spec_of(const Proxy::Fault& fault) {
  return fault.spec;
}

}  // namespace halfopen

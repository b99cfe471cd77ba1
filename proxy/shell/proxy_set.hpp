// All proxies of the program by name, made from JSON: by the control API and by a --config file
// alike, so that both refuse the same things with the same words.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <map>
#include <memory>
#include <string>

#include "proxy/shell/abilities.hpp"
#include "proxy/shell/proxy.hpp"

namespace halfopen {

// A refusal with the HTTP status that says of what kind it is.
struct Refusal {
  // A constructor of two: from one value alone boost::system::result could not tell it apart.
  Refusal() = default;
  Refusal(unsigned http_status, std::string reason, bool nothing_wrong_with_it = false)
      : status(http_status), text(std::move(reason)), is_well_formed(nothing_wrong_with_it) {}
  unsigned status = 400;
  std::string text;
  // What was asked for could be had at another time or on another machine.
  bool is_well_formed = false;
};
template <class Value>
using Answer = boost::system::result<Value, Refusal>;

class ProxySet {
 public:
  explicit ProxySet(ProxyContext& context) : context_(context) {}
  ~ProxySet();
  ProxySet(const ProxySet&) = delete;
  ProxySet& operator=(const ProxySet&) = delete;

  // `body` is {"name", "listen", "upstream", "enabled", "faults": [...]}.
  [[nodiscard]] Answer<Proxy*> create(const boost::json::value& body);
  [[nodiscard]] Answer<Proxy*> change(const std::string& name, const boost::json::value& body);
  [[nodiscard]] Answer<void> remove(const std::string& name);
  [[nodiscard]] Answer<Proxy*> find(const std::string& name);

  // `body` is {"name", "type", "attributes"}; the name is the type's unless given.
  [[nodiscard]] Answer<Proxy::Fault*> add_fault(Proxy& proxy, const boost::json::value& body);
  // Attributes that are not given keep their values.
  [[nodiscard]] Answer<void> change_fault(Proxy& proxy, Proxy::Fault& fault,
                                          const boost::json::value& body);

  [[nodiscard]] const std::map<std::string, std::shared_ptr<Proxy>>& all() const {
    return proxies_;
  }
  [[nodiscard]] Abilities abilities() const { return probe_abilities(context_.mark); }

 private:
  [[nodiscard]] Answer<void> check_abilities(const FaultConfig& config) const;

  ProxyContext& context_;
  std::map<std::string, std::shared_ptr<Proxy>> proxies_;
};

[[nodiscard]] boost::json::object to_json(Proxy& proxy);
[[nodiscard]] boost::json::object to_json(const Proxy::Fault& fault);

}  // namespace halfopen

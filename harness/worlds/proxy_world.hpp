// The default world: each node is a real process on a loopback address of its own, and each link
// goes through one fault-proxy.
//
// Node number i (from 1, in the file's order) is 127.0.1.i; link number j is the proxy at
// 127.0.2.j; the dialer is told the proxy's address instead of the listener's.
#pragma once

#include "harness/worlds/node_process.hpp"
#include "harness/worlds/world.hpp"

namespace halfopen {

class ProxyWorld final : public World {
 public:
  explicit ProxyWorld(const Scenario& scenario) : scenario_(scenario) {}

  [[nodiscard]] std::vector<ProcessSpec> processes() const override;
  [[nodiscard]] Result<void> check() const override;
  [[nodiscard]] std::vector<NamespaceSpec> namespaces() const override { return {}; }
  [[nodiscard]] std::vector<WireSpec> wires() const override;
  [[nodiscard]] std::vector<std::string> needs() const override;
  [[nodiscard]] Result<std::vector<Operation>> carry_out(const StepAction& action) const override;
  [[nodiscard]] NodePlace place_of(const std::string& node) const override;
  [[nodiscard]] Result<HttpCall> cast(const std::string& node) const override;

 private:
  [[nodiscard]] std::string node_address(const std::string& name) const;
  [[nodiscard]] std::string proxy_configuration() const;
  [[nodiscard]] std::vector<Operation> heal(const Heal& heal) const;
  [[nodiscard]] std::vector<Operation> destroy_connections(const DestroyConnections& destroy) const;
  [[nodiscard]] std::vector<Operation> restart(const RestartNode& restart) const;
  [[nodiscard]] std::vector<Operation> take_down(const std::string& node, RestartKind kind,
                                                 const std::string& fault) const;
  [[nodiscard]] Result<void> check_power(const std::string& node, RestartKind kind) const;

  Scenario scenario_;
};

}  // namespace halfopen

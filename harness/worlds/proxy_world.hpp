// The default world: each node is a real process on a loopback address of its own, and each link
// goes through one fault-proxy.
//
// Node number i (from 1, in the file's order) is 127.0.1.i; link number j is the proxy at
// 127.0.2.j; the dialer is told the proxy's address instead of the listener's.
#pragma once

#include "harness/worlds/world.hpp"

namespace halfopen {

class ProxyWorld final : public World {
 public:
  explicit ProxyWorld(const Scenario& scenario) : scenario_(scenario) {}

  [[nodiscard]] std::vector<ProcessSpec> processes() const override;
  [[nodiscard]] std::string packet_filter_rules() const override;
  [[nodiscard]] Result<std::vector<Operation>> carry_out(const StepAction& action) const override;
  [[nodiscard]] Result<HttpCall> cast(const std::string& node) const override;

 private:
  [[nodiscard]] std::string node_address(const std::string& name) const;
  [[nodiscard]] std::string proxy_configuration() const;
  [[nodiscard]] std::string node_configuration(const NodeSpec& node) const;
  [[nodiscard]] ProcessSpec node_process(const NodeSpec& node) const;
  [[nodiscard]] Result<std::vector<Operation>> restart(const RestartNode& restart) const;
  [[nodiscard]] Result<std::vector<Operation>> take_down(const std::string& node, RestartKind kind,
                                                         const std::string& fault) const;

  Scenario scenario_;
};

}  // namespace halfopen

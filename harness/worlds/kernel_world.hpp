// The kernel world: each node has a network namespace of its own, each link a router namespace
// between its two nodes, and the NAT in it is Linux's own: nftables masquerade and conntrack.
//
//   node n1 --link1-- [inside  router:n1-n2  outside] --link1-- node n2
//   10.66.1.2         10.66.1.1            10.88.1.1            10.88.1.2, 10.77.2.1 on lo
//
// Intuition: the middlebox is nothing of ours, so what the nodes meet here is the truth that the
// proxy world is held against. Node number i (from 1, in the file's order) is 10.77.i.1; link
// number j has the subnets 10.66.j.0/24 on the side of its inside node and 10.88.j.0/24 beyond.
// Admin endpoints listen on the loopback of their node's namespace, so that scrapes never cross a
// faulted link.
//
// Invariants:
// - Where a link has a nat fault at any time of the run, its router translates from the start (an
//   address cannot change in mid-connection), and the outside has no route to the inside.
// - IPv4 only; ARP is never filtered: silence is the wire's, not a neighbour's that cannot be
// found.
#pragma once

#include <optional>

#include "harness/worlds/kernel_nat.hpp"
#include "harness/worlds/node_process.hpp"
#include "harness/worlds/world.hpp"

namespace halfopen {

class KernelWorld final : public World {
 public:
  explicit KernelWorld(const Scenario& scenario, InvalidPackets invalid = InvalidPackets::kDrop)
      : scenario_(scenario), invalid_(invalid) {}

  [[nodiscard]] Result<void> check() const override;
  [[nodiscard]] std::vector<NamespaceSpec> namespaces() const override;
  [[nodiscard]] std::vector<WireSpec> wires() const override;
  [[nodiscard]] std::vector<std::string> needs() const override {
    return {"lab", "inet-diag", "capture"};
  }
  [[nodiscard]] std::vector<ProcessSpec> processes() const override;
  [[nodiscard]] Result<std::vector<Operation>> carry_out(const StepAction& action) const override;
  [[nodiscard]] NodePlace place_of(const std::string& node) const override;
  [[nodiscard]] Result<HttpCall> cast(const std::string& node) const override;

  // Where `node` listens, as its peers dial it: "10.77.2.1".
  [[nodiscard]] std::string node_address(const std::string& node) const;
  [[nodiscard]] static std::string router_of(const LinkSpec& link) { return "router:" + link.id; }

 private:
  [[nodiscard]] const LinkSpec& link_by_id(const std::string& id) const;
  [[nodiscard]] std::size_t number_of(const LinkSpec& link) const;
  [[nodiscard]] bool translates(const LinkSpec& link) const;
  [[nodiscard]] NamespaceSpec host(const NodeSpec& node) const;
  [[nodiscard]] NamespaceSpec router(const LinkSpec& link) const;
  [[nodiscard]] Result<void> check_fault(const LinkSpec& link, const FaultSpec& fault) const;
  [[nodiscard]] Result<std::vector<Operation>> set_fault(const LinkSpec& link,
                                                         const FaultSpec& fault) const;
  [[nodiscard]] std::vector<Operation> clear_fault(const LinkSpec& link,
                                                   const FaultSpec& fault) const;
  [[nodiscard]] std::vector<Operation> power_off(const std::string& node) const;
  [[nodiscard]] std::vector<Operation> heal(const Heal& heal) const;
  [[nodiscard]] std::vector<Operation> power_on(const std::string& node) const;
  [[nodiscard]] std::string dialer_seen_from_outside(const LinkSpec& link) const;
  [[nodiscard]] std::vector<Operation> take_down(const std::string& node, RestartKind kind) const;

  Scenario scenario_;
  InvalidPackets invalid_;
};

}  // namespace halfopen

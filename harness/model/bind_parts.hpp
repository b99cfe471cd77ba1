// The parts of binding, in the order in which bind_scenario does them: each reads its part of the
// file and may refer to what the parts before it have put into the scenario.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness/model/bind_when.hpp"
#include "harness/model/document.hpp"
#include "harness/model/scenario.hpp"

namespace halfopen {

[[nodiscard]] Result<void> bind_nodes(const Document& nodes, Scenario& scenario);
[[nodiscard]] Result<void> bind_links(const Document& links, const RunTerms& terms,
                                      Scenario& scenario);
[[nodiscard]] Result<void> bind_steps(const Document& steps, const RunTerms& terms,
                                      Scenario& scenario);
[[nodiscard]] Result<void> bind_expectations(const Document& expect, const RunTerms& terms,
                                             Scenario& scenario);
// The first step, and the last one with its expectation.
[[nodiscard]] Result<void> bind_steady_state(const Document& value, Scenario& scenario);
[[nodiscard]] Result<void> bind_liveness(const Document& value, const Document* steady_state,
                                         Scenario& scenario);
[[nodiscard]] Result<void> bind_liveness_expectation(const Document& value, Scenario& scenario);
// Times that compete need a second between them, or a declared race.
[[nodiscard]] Result<void> check_noise(const Document& document, const Scenario& scenario);

// `entry` is the one key of a fault: its type, with the attributes as value.
[[nodiscard]] Result<FaultSpec> bind_fault(const DocumentEntry& entry);
// For one whose type there is not: what was meant, by its letters or by what other tools call it.
[[nodiscard]] Problem unknown_fault(const DocumentEntry& entry);

// {net.ipv4.tcp_retries2: 3}: of the run's namespaces alone, so only those of the network.
[[nodiscard]] Result<std::map<std::string, std::string>> read_sysctls(const Document& sysctls,
                                                                      const std::string& what);

[[nodiscard]] std::vector<std::string> node_names(const Scenario& scenario);
[[nodiscard]] std::vector<std::string> step_ids(const Scenario& scenario);
[[nodiscard]] std::vector<std::string> expectation_ids(const Scenario& scenario);
// ID.PART of each expectation that has parts.
[[nodiscard]] std::vector<std::string> expectation_parts(const Scenario& scenario);
// The link between two nodes, in either order, or nullptr.
[[nodiscard]] const LinkSpec* find_link(const Scenario& scenario, const std::string& one,
                                        const std::string& other);
[[nodiscard]] const NodeSpec* find_node(const Scenario& scenario, const std::string& name);

[[nodiscard]] Result<Expression> read_expression(const Document& document);

}  // namespace halfopen

// Advice for people, for vote-node's configuration, for other programs, and as JSON.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <utility>
#include <vector>

#include "harness/model/advice/advice.hpp"

namespace halfopen {

[[nodiscard]] std::string advice_text(const Advice& advice);
// A part of vote-node's configuration.
[[nodiscard]] std::string advice_yaml(const NodeDefences& defences);
// The same numbers where other programs want them: what for, the lines.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> advice_elsewhere(
    const NodeDefences& defences);
[[nodiscard]] boost::json::object to_json(const Advice& advice);
// As a scenario's node has it.
[[nodiscard]] boost::json::object config_of(const NodeDefences& defences);

}  // namespace halfopen

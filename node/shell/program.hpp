// A node as a process: opens what the configuration names, wires the parts, runs until the end.
#pragma once

#include <string>

#include "base/result.hpp"
#include "node/shell/config.hpp"
#include "node/shell/log.hpp"

namespace halfopen::node {

struct RunOptions {
  std::string events;  // in place of the configuration's
  LogFormat log_format = LogFormat::kText;
};

// A Problem: it could not start. Otherwise it has ended on request.
[[nodiscard]] Result<void> run_node(NodeConfig config, const RunOptions& options);

}  // namespace halfopen::node

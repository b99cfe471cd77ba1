// The subcommands that show a running node to a person: `vote-node status`, `vote-node history
// PEER`.
#pragma once

#include <string>

namespace halfopen::node {

// Which node: its admin address, or the configuration that names it. Just one is needed.
struct StatusOptions {
  std::string admin;
  std::string config;
};

// Answer the exit code: 0; 1 after a line on stderr when the node does not answer; 64 when it is
// not clear which.
[[nodiscard]] int show_status(const StatusOptions& options);
[[nodiscard]] int show_history(const StatusOptions& options, const std::string& peer);

}  // namespace halfopen::node

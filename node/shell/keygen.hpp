// The subcommands that make and show keys: `vote-node keygen FILE...`, `vote-node pubkey FILE...`.
//
// Both print a line `FILE PUBLIC-KEY` for each file on stdout: what goes into the configuration of
// the other nodes. The first failure ends them: what was printed so far exists and is good.
#pragma once

#include <string>
#include <vector>

namespace halfopen::node {

// Answer the exit code: 0, or 1 after a line on stderr.
[[nodiscard]] int make_keys(const std::vector<std::string>& files);
[[nodiscard]] int show_keys(const std::vector<std::string>& files);

}  // namespace halfopen::node

// What a reload would change: the peers, which may change while the node runs, and every other
// key, which may not.
#pragma once

#include <string>
#include <vector>

#include "node/shell/config.hpp"

namespace halfopen::node {

struct ConfigChange {
  std::vector<std::string> added;    // peers, by name
  std::vector<std::string> removed;  // ... what they are owed is given up
  std::vector<std::string> changed;  // ... with another key, weight or address
  std::vector<std::string> ignored;  // keys that need a restart: "ping.interval"

  [[nodiscard]] bool has_peers() const {
    return !added.empty() || !removed.empty() || !changed.empty();
  }
};

[[nodiscard]] ConfigChange compare(const NodeConfig& running, const NodeConfig& fresh);

// "peers: added n4; ignored until a restart: ping.interval", "nothing changed"
[[nodiscard]] std::string describe(const ConfigChange& change);

}  // namespace halfopen::node

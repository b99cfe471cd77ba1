// A node's configuration file, read once at start. What comes out is valid: every duration fits the
// kernel's limits, every address is an address, no peer is there twice.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "node/core/settings.hpp"

namespace halfopen::node {

enum class Transport : std::uint8_t { kTls, kPlaintext };

struct NodeConfig {
  NodeSettings node;
  Preset preset = Preset::kResilient;
  std::string listen = "127.0.0.1:0";
  std::string admin = "127.0.0.1:0";
  std::string events;  // a path, or empty
  std::string store;   // a path, or empty: votes live in memory
  Transport transport = Transport::kTls;
  // The file of the private key; empty where the key comes from `insecure_seed`, and is in `node`.
  std::string key_path;
  std::vector<std::string> peer_addresses;  // beside node.peers; empty: the peer dials us
};

// Problems read "file:line:column: what, what was expected".
[[nodiscard]] Result<NodeConfig> load_config(const std::string& path);
// `name` stands for the file in Problems.
[[nodiscard]] Result<NodeConfig> parse_config(const std::string& text, const std::string& name);

}  // namespace halfopen::node

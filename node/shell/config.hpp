// A node's configuration file, read at start and at each reload. What comes out is valid: every
// duration fits the kernel's limits, every address is an address, no peer is there twice.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "node/core/settings.hpp"
#include "node/core/settings_warnings.hpp"
#include "node/shell/config_fields.hpp"
#include "node/shell/config_yaml.hpp"
#include "node/shell/log.hpp"

namespace halfopen::node {

enum class Transport : std::uint8_t { kTls, kPlaintext };

struct NodeConfig {
  NodeSettings node;
  Preset preset = Preset::kResilient;
  std::string listen = "127.0.0.1:0";
  std::string admin = "127.0.0.1:0";
  std::string events;  // a path, or empty
  std::string store;   // a path, or empty: votes live in memory
  LogLevel log_level = LogLevel::kInfo;
  Transport transport = Transport::kTls;
  // The file of the private key; empty where the key comes from `insecure_seed`, and is in `node`.
  std::string key_path;
  std::string insecure_seed;
  std::vector<std::string> peer_addresses;  // beside node.peers; empty: the peer dials us
  std::string file;                         // where it was read from
  KeyPlaces places;
};

// Problems read "file:line:column: what, what was expected".
[[nodiscard]] Result<NodeConfig> load_config(const std::string& path);
// `name` stands for the file in Problems.
[[nodiscard]] Result<NodeConfig> parse_config(const std::string& text, const std::string& name);
// Every question that a configuration answers, put to `fields`; the answers go into `config`.
void read_config(Fields& fields, NodeConfig& config);

// What can hardly be meant, each as "file:line:column: warning: text".
[[nodiscard]] std::vector<std::string> warnings_of(const NodeConfig& config);

}  // namespace halfopen::node

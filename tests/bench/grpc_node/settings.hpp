// What grpc-vote-node is told, from a JSON file that tests/bench/node_bench_peers.py writes.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "node/core/key.hpp"

namespace halfopen::grpc_node {

struct PeerSettings {
  std::string name;
  std::string address;  // dialled there; empty: it dials
  node::PublicKey key;
};

// PEM files; all empty: plaintext.
struct TlsSettings {
  std::string authority;
  std::string certificate;
  std::string key;
};

struct Settings {
  std::string name;
  std::string network;
  std::string listen;
  std::string admin;
  std::string store;  // empty: votes live in memory
  node::SigningKey::Seed seed{};
  TlsSettings tls;
  int ping_interval_ms = 10'000;
  int ping_timeout_ms = 5'000;
  int backoff_ms_min = 100;
  int backoff_ms_max = 5'000;
  int dial_timeout_ms = 3'000;
  std::vector<PeerSettings> peers;
};

[[nodiscard]] Result<Settings> load_settings(const std::string& path);
[[nodiscard]] Result<std::string> read_text(const std::string& path);

}  // namespace halfopen::grpc_node

// Strangers in great number, who come from several hosts of the loopback network at once: some talk
// garbage, some TLS with a key that nobody knows, and some say nothing.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "node/shell/tls_session.hpp"

namespace halfopen::node::test {

class StrangerFlood {
 public:
  // Begins at once, against 127.0.0.1:`port`, where `key` is; goes on until there were
  // `connections_min` of them and stop() is called.
  StrangerFlood(std::uint16_t port, const PublicKey& key, std::uint64_t connections_min);
  ~StrangerFlood();
  StrangerFlood(const StrangerFlood&) = delete;
  StrangerFlood& operator=(const StrangerFlood&) = delete;

  [[nodiscard]] std::uint64_t connections() const { return connections_; }
  // How many there were at last. All are closed then.
  std::uint64_t stop();

 private:
  void run();
  void run_batch();

  std::uint16_t port_;
  PinnedKeys key_;
  TlsContext stranger_;
  std::uint64_t connections_min_;
  std::uint64_t dialled_ = 0;
  std::atomic<std::uint64_t> connections_ = 0;
  std::atomic<bool> stopping_ = false;
  std::vector<int> silent_;
  std::thread thread_;
};

}  // namespace halfopen::node::test

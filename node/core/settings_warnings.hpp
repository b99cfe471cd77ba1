// Settings that are allowed and can hardly be meant: numbers that cannot work together, and
// defences that are missing.
//
// Each defence is judged by what finds a dead peer first. On a silent link that is whichever of
// keep-alive, TCP_USER_TIMEOUT, ping and ack_deadline is shortest; a number that can never be the
// shortest does nothing, and one that is shorter than a lost packet's retransmission kills good
// connections.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "node/core/settings.hpp"

namespace halfopen::node {

// What the settings of the core do not say.
struct OperatingFacts {
  bool is_plaintext = false;
  bool is_store_durable = true;
  bool has_insecure_key = false;
  std::vector<std::size_t> insecure_peers = {};  // places in NodeSettings::peers
  bool is_naive = false;  // every defence is off because somebody wanted just that
};

struct SettingsWarning {
  std::string key;   // "ping.timeout", "peers[2].insecure_seed"
  std::string text;  // which numbers, what follows, what to do
};

[[nodiscard]] std::vector<SettingsWarning> warnings_of(const NodeSettings& settings,
                                                       const OperatingFacts& facts);

}  // namespace halfopen::node

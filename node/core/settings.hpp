// What a node is told: who it is, whom it talks to, and which defences it has.
//
// Each defence has a switch of its own, so that a test can take one away and show what it was good
// for. How the program uses its sockets (the habits) is a setting for the same reason: which error
// shows up first depends on it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "node/core/key.hpp"
#include "node/core/limits.hpp"

namespace halfopen::node {

// SO_KEEPALIVE and its three numbers. The kernel counts whole seconds.
struct KeepaliveSettings {
  bool enabled = true;
  Duration idle = std::chrono::seconds(15);
  Duration interval = std::chrono::seconds(5);
  int count = 3;
};
// TCP_USER_TIMEOUT: for data that nobody acknowledges, which keep-alive does not look after. It is
// a little below idle + interval * count, so that the two agree on when a silent peer is dead.
struct UserTimeoutSettings {
  bool enabled = true;
  Duration timeout = std::chrono::seconds(29);
};
// Health pings, skipped while bytes come in anyway.
struct PingSettings {
  bool enabled = true;
  Duration interval = std::chrono::seconds(10);
  Duration timeout = std::chrono::seconds(5);
};
struct ReconnectSettings {
  bool enabled = true;
  Duration backoff_min = std::chrono::milliseconds(100);
  Duration backoff_max = std::chrono::seconds(5);
  Duration dial_timeout = std::chrono::seconds(3);  // also of the first dial, when not enabled
  // A session that lived so long was a real one: the next outage starts backing off afresh.
  Duration stable_after = std::chrono::minutes(1);
};
// A vote that is not acknowledged in time condemns its connection and is sent again on the next.
struct RetrySettings {
  bool enabled = true;
  Duration ack_deadline = std::chrono::seconds(5);
};

struct Defences {
  KeepaliveSettings keepalive;
  UserTimeoutSettings user_timeout;
  PingSettings ping;
  ReconnectSettings reconnect;
  RetrySettings retry;
  // A read is pending while nothing is expected: the only way to notice a FIN or RST at once.
  bool watch_idle = true;
  // Without watch_idle and retry: how long a read is pending after a vote, for its ACK.
  Duration ack_wait = std::chrono::seconds(1);
  // 2: header and body by two write(2) calls. The first draws the RST, the second sees it.
  int writes_per_frame = 1;
};

enum class Preset : std::uint8_t { kResilient, kNaive };

[[nodiscard]] std::string_view name_of(Preset preset);
[[nodiscard]] std::optional<Preset> preset_of(std::string_view name);
// resilient: everything on. naive: every defence off, as in the node of the incident.
[[nodiscard]] Defences defences_of(Preset preset);

struct PeerSettings {
  std::string name;
  bool dials = false;  // this node dials the peer; otherwise it waits to be dialled
  PublicKey key = {};
  std::uint64_t weight = 1;  // of its votes
  bool operator==(const PeerSettings&) const = default;
};

struct NodeSettings {
  std::string name;
  std::string network = "lab";
  std::uint64_t seed = 1;
  std::optional<SigningKey> key;  // required
  std::uint64_t weight = 1;
  // Who is at the other end is proven before the hello (TLS); otherwise the hello is believed.
  bool authenticates = false;
  std::size_t retention_votes = kRetentionVotesDefault;
  // How long a stopping node waits for acknowledgements of what it has sent.
  Duration drain_timeout = kDrainTimeoutDefault;
  Defences defences;
  std::vector<PeerSettings> peers;
};

}  // namespace halfopen::node

// The keys of the configuration, what each is for and what it may be.
#include "node/shell/config.hpp"

#include <arpa/inet.h>

#include <fstream>
#include <limits>
#include <utility>

#include "metrics/http_endpoint.hpp"
#include "node/core/limits.hpp"
#include "node/core/names.hpp"
#include "node/core/sha256.hpp"

namespace halfopen::node {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kTick = milliseconds(1);
constexpr Duration kDay = std::chrono::hours(24);
constexpr int kKernelKeepaliveSecondsMax = 32'767;
constexpr std::uint64_t kKernelKeepaliveCountMax = 127;
// kPeersMax peers with everything said take a tenth of it.
constexpr std::size_t kFileBytesMax = std::size_t{1024} * 1024;

constexpr std::string_view kAnyText;
constexpr std::string_view kNamePattern = "^[A-Za-z0-9._-]{1,64}$";
constexpr std::string_view kAddressPattern = R"(^([0-9.]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}$)";
constexpr std::string_view kAdminPattern =
    R"(^(unix:/.+|127\.[0-9.]+:[0-9]{1,5}|\[::1\]:[0-9]{1,5})$)";
constexpr std::string_view kKeyPattern = "^[0-9A-Fa-f]{64}$";

bool is_loopback_host(const std::string& host) {
  in_addr address{};
  if (::inet_pton(AF_INET, host.c_str(), &address) == 1) return ntohl(address.s_addr) >> 24U == 127;
  return host == "::1";
}

void read_name(Fields& fields, const Key& key, std::string& target) {
  fields.text(key, kNamePattern, target);
  if (!is_name(target)) {
    fields.complain(key.name, "is required: a name of 1 to 64 letters, digits, '-', '_' or '.'");
  }
}

void read_address(Fields& fields, const Key& key, std::string& target) {
  fields.text(key, kAddressPattern, target);
  if (target.empty()) return;
  const auto parsed = parse_host_port(target);
  if (parsed.has_error()) fields.complain(key.name, "is wrong: " + parsed.error().text);
}

void read_admin(Fields& fields, std::string& admin) {
  fields.text({"admin", "the admin API: a loopback address, or unix:/PATH of a socket"},
              kAdminPattern, admin);
  if (const auto path = unix_socket_path(admin)) {
    const auto checked = check_unix_socket_path(*path);
    if (checked.has_error()) fields.complain("admin", "is wrong: " + checked.error().text);
    return;
  }
  const auto address = parse_host_port(admin);
  if (address.has_error() || !is_loopback_host(address->host)) {
    fields.complain("admin",
                    "must be a loopback address, such as 127.0.0.1:8000, or unix:/PATH: it has no "
                    "password");
  }
}

void read_preset(Fields& fields, NodeConfig& config) {
  std::string name(name_of(config.preset));
  const std::string before = name;
  fields.choice({"preset",
                 "the defences that are on unless a key below says otherwise: all "
                 "(resilient) or none (naive)"},
                {"resilient", "naive"}, name);
  if (name == before) return;
  config.preset = preset_of(name).value_or(config.preset);
  config.node.defences = defences_of(config.preset);
}

void read_keepalive(Fields& fields, KeepaliveSettings& keepalive) {
  const Duration max = seconds(kKernelKeepaliveSecondsMax);
  fields.flag({"enabled", "SO_KEEPALIVE: the kernel probes an idle connection"}, keepalive.enabled);
  fields.duration({"idle", "TCP_KEEPIDLE: silence before the first probe"}, seconds(1), seconds(1),
                  max, keepalive.idle);
  fields.duration({"interval", "TCP_KEEPINTVL: from probe to probe"}, seconds(1), seconds(1), max,
                  keepalive.interval);
  auto count = static_cast<std::uint64_t>(keepalive.count);
  fields.whole_number({"count", "TCP_KEEPCNT: unanswered probes that make a connection dead"}, 1,
                      kKernelKeepaliveCountMax, count);
  keepalive.count = static_cast<int>(count);
}

void read_reconnect(Fields& fields, ReconnectSettings& reconnect) {
  fields.flag({"enabled", "a lost connection is dialled again, for ever"}, reconnect.enabled);
  fields.duration({"backoff_min", "the longest first wait before dialling again"}, kTick, kTick,
                  kDay, reconnect.backoff_min);
  fields.duration({"backoff_max",
                   "the longest wait at all; each one is drawn from 0 up to a bound "
                   "that doubles"},
                  kTick, kTick, kDay, reconnect.backoff_max);
  fields.duration({"dial_timeout", "how long a dial may take"}, kTick, kTick, kDay,
                  reconnect.dial_timeout);
  fields.duration({"stable_after",
                   "a session that lived so long lets the next outage start from "
                   "backoff_min again"},
                  kTick, Duration{0}, kDay, reconnect.stable_after);
  if (reconnect.backoff_max < reconnect.backoff_min) {
    fields.complain("backoff_max", "must not be less than backoff_min");
  }
}

void read_defences(Fields& fields, Defences& defences) {
  fields.mapping({"keepalive", "probes of the kernel while nothing is unacknowledged"},
                 [&](Fields& inner) { read_keepalive(inner, defences.keepalive); });
  const auto read_user_timeout = [&](Fields& inner) {
    inner.flag({"enabled", "TCP_USER_TIMEOUT is set"}, defences.user_timeout.enabled);
    inner.duration({"timeout", "how long data may stay unacknowledged by the peer's kernel"}, kTick,
                   kTick, kDay, defences.user_timeout.timeout);
  };
  fields.mapping({"user_timeout", "the kernel's limit for unacknowledged data"}, read_user_timeout);
  const auto read_ping = [&](Fields& inner) {
    inner.flag({"enabled", "pings are sent"}, defences.ping.enabled);
    inner.duration({"interval", "silence from the peer before a ping is sent"}, kTick, kTick, kDay,
                   defences.ping.interval);
    inner.duration({"timeout", "how long the answer may take"}, kTick, kTick, kDay,
                   defences.ping.timeout);
  };
  fields.mapping({"ping", "health pings from node to node, skipped while bytes come"}, read_ping);
  fields.mapping({"reconnect", "what happens after a connection is lost"},
                 [&](Fields& inner) { read_reconnect(inner, defences.reconnect); });
  const auto read_retry = [&](Fields& inner) {
    inner.flag({"enabled", "an unacknowledged vote is sent again on the next connection"},
               defences.retry.enabled);
    inner.duration({"ack_deadline", "how long a vote may stay unacknowledged by the peer itself"},
                   kTick, kTick, kDay, defences.retry.ack_deadline);
  };
  fields.mapping({"retry", "what happens to a vote that nobody acknowledges"}, read_retry);
  fields.flag({"watch_idle", "a read is pending while nothing is expected"}, defences.watch_idle);
  fields.duration({"ack_wait",
                   "without watch_idle and retry: how long a read is pending after a "
                   "vote"},
                  kTick, Duration{0}, kDay, defences.ack_wait);
  auto writes = static_cast<std::uint64_t>(defences.writes_per_frame);
  fields.whole_number({"writes_per_frame", "2: header and body are written apart"}, 1, 2, writes);
  defences.writes_per_frame = static_cast<int>(writes);
}

// For labs: whoever knows the text knows the key.
SigningKey insecure_key(const std::string& text) {
  return SigningKey{sha256({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()})};
}

void read_own_key(Fields& fields, NodeConfig& config) {
  fields.text({"key", "the file of this node's private key, made by vote-node keygen"}, kAnyText,
              config.key_path);
  fields.text({"insecure_seed",
               "for labs, in place of key: whoever knows this text can sign as "
               "this node"},
              kAnyText, config.insecure_seed);
  fields.require_one_of({"key", "insecure_seed"},
                        "is required: the file of this node's private key (vote-node keygen "
                        "makes one), or insecure_seed: TEXT in a lab");
  if (!config.insecure_seed.empty()) config.node.key = insecure_key(config.insecure_seed);
}

void read_peer_key(Fields& fields, PeerSettings& peer) {
  std::string key;
  std::string seed;
  fields.text({"key", "the peer's public key, as vote-node pubkey prints it"}, kKeyPattern, key);
  fields.text({"insecure_seed", "for labs, in place of key: the peer's insecure_seed"}, kAnyText,
              seed);
  fields.require_one_of({"key", "insecure_seed"},
                        "is required: the peer's public key, 64 hexadecimal digits, or "
                        "insecure_seed: TEXT in a lab");
  if (!seed.empty()) {
    peer.key = insecure_key(seed).public_key();
  } else if (const auto parsed = PublicKey::from_hex(key)) {
    peer.key = *parsed;
  } else {
    fields.complain("key", "must be 64 hexadecimal digits (vote-node pubkey prints them)");
  }
}

void read_transport(Fields& fields, NodeConfig& config) {
  std::string name = config.transport == Transport::kTls ? "tls" : "plaintext";
  fields.choice({"transport",
                 "tls: version 1.3, both keys pinned; plaintext: whoever says a "
                 "peer's name is believed to be it"},
                {"tls", "plaintext"}, name);
  config.transport = name == "tls" ? Transport::kTls : Transport::kPlaintext;
  config.node.authenticates = config.transport == Transport::kTls;
}

void read_log_level(Fields& fields, LogLevel& level) {
  std::string name(name_of(level));
  fields.choice({"log_level",
                 "warn: only what needs a person; info: and each change, votes up to "
                 "a few lines a second; debug: and each vote"},
                {"debug", "info", "warn"}, name);
  level = log_level_of(name).value_or(level);
}

void read_peer(Fields& fields, NodeConfig& config) {
  PeerSettings peer;
  std::string address;
  read_name(fields, {"name", "the name that the peer has in its own configuration"}, peer.name);
  fields.require("name");
  read_address(fields, {"address", "IP:PORT where the peer listens; without it the peer dials"},
               address);
  if (address.ends_with(":0")) fields.complain("address", "needs the peer's port, not 0");
  if (peer.name == config.node.name) fields.complain("name", "is this node's own name");
  for (const PeerSettings& other : config.node.peers) {
    if (other.name == peer.name) fields.complain("name", "is there twice: \"" + peer.name + "\"");
  }
  if (config.node.peers.size() >= kPeersMax) {
    fields.complain("name", "is one peer too many: at most " + std::to_string(kPeersMax));
  }
  peer.dials = !address.empty();
  read_peer_key(fields, peer);
  fields.whole_number({"weight", "of its votes"}, 0, kWeightMax, peer.weight);
  for (const PeerSettings& other : config.node.peers) {
    if (other.key == peer.key) fields.complain("name", "has the key of \"" + other.name + "\"");
  }
  if (config.node.key && config.node.key->public_key() == peer.key) {
    fields.complain("name", "has this node's own key");
  }
  config.node.peers.push_back(std::move(peer));
  config.peer_addresses.push_back(std::move(address));
}

}  // namespace

void read_config(Fields& fields, NodeConfig& config) {
  read_name(fields, {"name", "this node, among its peers"}, config.node.name);
  fields.require("name");
  read_name(fields, {"network", "the network's id: votes and peers of others are refused"},
            config.node.network);
  read_preset(fields, config);
  read_address(fields, {"listen", "IP:PORT where peers dial; port 0 is any free one"},
               config.listen);
  if (config.listen.empty()) fields.complain("listen", "must be an address");
  read_admin(fields, config.admin);
  fields.text({"events", "append events to this file, as JSON lines"}, kAnyText, config.events);
  read_log_level(fields, config.log_level);
  fields.text({"store", "the file of the votes; without it they live in memory"}, kAnyText,
              config.store);
  read_transport(fields, config);
  read_own_key(fields, config);
  fields.whole_number({"weight", "of this node's votes"}, 0, kWeightMax, config.node.weight);
  fields.mapping({"retention", "how much is remembered"}, [&](Fields& inner) {
    std::uint64_t votes = config.node.retention_votes;
    inner.whole_number({"votes", "of each voter, in memory and in the store"}, kRetentionVotesMin,
                       kRetentionVotesMax, votes);
    config.node.retention_votes = votes;
  });
  fields.duration({"drain_timeout", "how long a stopping node waits for acknowledgements"}, kTick,
                  Duration{0}, std::chrono::hours(1), config.node.drain_timeout);
  fields.whole_number({"seed", "of the backoff's jitter"}, 0,
                      std::numeric_limits<std::uint64_t>::max(), config.node.seed);
  read_defences(fields, config.node.defences);
  fields.list({"peers", "whom votes go to, and whose votes are taken"},
              [&](Fields& inner) { read_peer(inner, config); });
}

Result<NodeConfig> parse_config(const std::string& text, const std::string& name) {
  NodeConfig config;
  config.file = name;
  HALFOPEN_TRY(places, read_yaml(text, name, [&](Fields& fields) { read_config(fields, config); }));
  config.places = std::move(places);
  return config;
}

Result<NodeConfig> load_config(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kFileBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad()) return Problem{path, ": cannot read this file"};
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kFileBytesMax) {
    return Problem{path, ": this file is larger than 1 MiB: no configuration is"};
  }
  return parse_config(text, path);
}

std::vector<std::string> warnings_of(const NodeConfig& config) {
  OperatingFacts facts{.is_plaintext = config.transport == Transport::kPlaintext,
                       .is_store_durable = !config.store.empty(),
                       .has_insecure_key = !config.insecure_seed.empty(),
                       .is_naive = config.preset == Preset::kNaive};
  for (std::size_t i = 0; i < config.node.peers.size(); ++i) {
    if (config.places.contains("peers[" + std::to_string(i) + "].insecure_seed")) {
      facts.insecure_peers.push_back(i);
    }
  }
  // A key that is not there has a default: what is above it in the file, or the file itself.
  const auto place_of = [&](std::string key) {
    for (;;) {
      const auto place = config.places.find(key);
      if (place != config.places.end()) return place->second;
      const auto end = key.find_last_of(".[");
      if (end == std::string::npos) return config.file + ":1:1";
      key.resize(end);
    }
  };
  std::vector<std::string> lines;
  for (const SettingsWarning& warning : node::warnings_of(config.node, facts)) {
    lines.push_back(place_of(warning.key) + ": warning: " + warning.key + ": " + warning.text);
  }
  return lines;
}

}  // namespace halfopen::node

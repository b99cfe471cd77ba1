// The only file of node/ that includes yaml-cpp. A mapping is read field by field; keys that nobody
// asked for are errors, because a misspelt defence would silently be another experiment.
#include "node/shell/config.hpp"

#include <arpa/inet.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <functional>
#include <limits>
#include <optional>
#include <set>
#include <sstream>
#include <utility>

#include "base/duration_text.hpp"
#include "metrics/http_endpoint.hpp"
#include "node/core/limits.hpp"
#include "node/core/names.hpp"
#include "node/core/sha256.hpp"

namespace halfopen::node {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kDay = std::chrono::hours(24);
constexpr int kKernelKeepaliveSecondsMax = 32'767;
constexpr std::uint64_t kKernelKeepaliveCountMax = 127;

// How many letters must be added, removed or changed to make one word the other.
std::size_t edit_distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  for (std::size_t j = 0; j < row.size(); ++j)
    row[j] = j;
  for (std::size_t i = 1; i <= from.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const std::size_t changed = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
    }
  }
  return row.back();
}

// The first Problem stays; reads after it leave their targets alone.
class Fields {
 public:
  // `where` names this mapping ("keepalive"), empty for the whole file.
  Fields(const YAML::Node& node, std::string file, std::string where)
      : node_(node), file_(std::move(file)), where_(std::move(where)) {
    check_shape();
  }

  void text(std::string_view key, std::string& target) {
    if (const auto value = take_scalar(key, "a text")) target = *value;
  }

  void flag(std::string_view key, bool& target) {
    const auto value = take_scalar(key, "true or false");
    if (!value) return;
    if (*value != "true" && *value != "false") return complain(key, "must be true or false");
    target = *value == "true";
  }

  void whole_number(std::string_view key, std::uint64_t min, std::uint64_t max,
                    std::uint64_t& target) {
    const auto value = take_scalar(key, "a whole number");
    if (!value) return;
    std::uint64_t number = 0;
    const char* last = value->data() + value->size();
    const auto [end, error] = std::from_chars(value->data(), last, number);
    if (error != std::errc{} || end != last || number < min || number > max) {
      return complain(
          key, "must be a whole number from " + std::to_string(min) + " to " + std::to_string(max));
    }
    target = number;
  }

  // `unit` must divide it: the kernel counts keep-alive in whole seconds.
  void duration(std::string_view key, Duration unit, Duration min, Duration max, Duration& target) {
    const auto value = take_scalar(key, "a duration such as 250ms or 3s");
    if (!value) return;
    const auto parsed = parse_duration(*value);
    if (parsed.has_error()) return complain(key, "is wrong: " + parsed.error().text);
    if (*parsed % unit != Duration{0}) {
      return complain(key, "must be whole " +
                               std::string(unit == seconds(1) ? "seconds" : "milliseconds") +
                               ": the kernel counts in them");
    }
    if (*parsed < min || *parsed > max) {
      return complain(key, "must be from " + format_duration(min) + " to " + format_duration(max));
    }
    target = *parsed;
  }

  void mapping(std::string_view key, const std::function<void(Fields&)>& read) {
    if (const auto value = take(key)) read_inner(*value, full_name(key), read);
  }

  void list(std::string_view key, const std::function<void(Fields&)>& read) {
    const auto value = take(key);
    if (!value) return;
    if (!value->IsSequence())
      return complain_at(value->Mark(), "\"" + full_name(key) + "\" must be a list");
    for (const auto& item : *value)
      read_inner(item, full_name(key), read);
  }

  // A Problem at the key's value (at the mapping, if the key is not there).
  void complain(std::string_view key, const std::string& text) {
    const YAML::Node value = node_[std::string(key)];
    complain_at(value.IsDefined() ? value.Mark() : node_.Mark(),
                "\"" + full_name(key) + "\" " + text);
  }

  // Nothing while what was read so far makes sense.
  [[nodiscard]] const std::optional<Problem>& problem() const { return problem_; }

  // The first Problem, or a complaint about a key that nobody asked for.
  [[nodiscard]] std::optional<Problem> finish() {
    if (!problem_) check_keys();
    return problem_;
  }

 private:
  [[nodiscard]] std::string full_name(std::string_view key) const {
    return where_.empty() ? std::string(key) : where_ + "." + std::string(key);
  }

  void read_inner(const YAML::Node& node, const std::string& name,
                  const std::function<void(Fields&)>& read) {
    Fields inner(node, file_, name);
    if (!inner.problem_) read(inner);
    if (!problem_) problem_ = inner.finish();
  }

  std::optional<YAML::Node> take(std::string_view key) {
    asked_.emplace_back(key);
    if (problem_) return std::nullopt;
    const YAML::Node value = node_[asked_.back()];
    if (!value.IsDefined()) return std::nullopt;
    return value;
  }

  std::optional<std::string> take_scalar(std::string_view key, const std::string& expected) {
    const auto value = take(key);
    if (!value) return std::nullopt;
    if (!value->IsScalar()) {
      complain(key, "must be " + expected);
      return std::nullopt;
    }
    return value->Scalar();
  }

  void check_shape() {
    if (!node_.IsMap()) {
      const std::string subject = where_.empty() ? "this file" : "\"" + where_ + "\"";
      return complain_at(node_.Mark(), subject + " must be a mapping of keys to values");
    }
    std::set<std::string> seen;
    for (const auto& entry : node_) {
      if (!entry.first.IsScalar()) {
        return complain_at(entry.first.Mark(), "a key must be a word");
      }
      if (!seen.insert(entry.first.Scalar()).second) {
        return complain_at(entry.first.Mark(),
                           "key \"" + entry.first.Scalar() + "\" is there twice");
      }
    }
  }

  void check_keys() {
    for (const auto& entry : node_) {
      const std::string key = entry.first.Scalar();
      if (std::find(asked_.begin(), asked_.end(), key) != asked_.end()) continue;
      const auto nearest = std::min_element(asked_.begin(), asked_.end(), [&](auto& a, auto& b) {
        return edit_distance(key, a) < edit_distance(key, b);
      });
      std::string text = "unknown key \"" + full_name(key) + "\"";
      if (nearest != asked_.end() && edit_distance(key, *nearest) <= 1 + key.size() / 3) {
        text += ": did you mean \"" + *nearest + "\"?";
      }
      return complain_at(entry.first.Mark(), text);
    }
  }

  void complain_at(const YAML::Mark& mark, const std::string& text) {
    if (problem_) return;
    const std::string place = mark.is_null() ? file_
                                             : file_ + ":" + std::to_string(mark.line + 1) + ":" +
                                                   std::to_string(mark.column + 1);
    problem_ = Problem{place, ": ", text};
  }

  // Const, because asking a mutable node for a key would add it.
  const YAML::Node node_;
  std::string file_;
  std::string where_;
  std::vector<std::string> asked_;
  std::optional<Problem> problem_;
};

bool is_loopback(const std::string& host) {
  in_addr address{};
  if (::inet_pton(AF_INET, host.c_str(), &address) == 1) return ntohl(address.s_addr) >> 24U == 127;
  return host == "::1";
}

void read_name(Fields& fields, std::string_view key, std::string& target) {
  fields.text(key, target);
  if (!is_name(target)) {
    fields.complain(key, "is required: a name of 1 to 64 letters, digits, '-', '_' or '.'");
  }
}

void read_address(Fields& fields, std::string_view key, std::string& target) {
  fields.text(key, target);
  if (target.empty()) return;
  const auto parsed = parse_host_port(target);
  if (parsed.has_error()) fields.complain(key, "is wrong: " + parsed.error().text);
}

void read_preset(Fields& fields, NodeConfig& config) {
  std::string name(name_of(config.preset));
  fields.text("preset", name);
  const auto preset = preset_of(name);
  if (!preset) return fields.complain("preset", "must be resilient or naive");
  config.preset = *preset;
  config.node.defences = defences_of(*preset);
}

void read_keepalive(Fields& fields, KeepaliveSettings& keepalive) {
  const Duration max = seconds(kKernelKeepaliveSecondsMax);
  fields.flag("enabled", keepalive.enabled);
  fields.duration("idle", seconds(1), seconds(1), max, keepalive.idle);
  fields.duration("interval", seconds(1), seconds(1), max, keepalive.interval);
  auto count = static_cast<std::uint64_t>(keepalive.count);
  fields.whole_number("count", 1, kKernelKeepaliveCountMax, count);
  keepalive.count = static_cast<int>(count);
}

void read_defences(Fields& fields, Defences& defences) {
  constexpr Duration kTick = milliseconds(1);
  fields.mapping("keepalive", [&](Fields& inner) { read_keepalive(inner, defences.keepalive); });
  fields.mapping("user_timeout", [&](Fields& inner) {
    inner.flag("enabled", defences.user_timeout.enabled);
    inner.duration("timeout", kTick, kTick, kDay, defences.user_timeout.timeout);
  });
  fields.mapping("ping", [&](Fields& inner) {
    inner.flag("enabled", defences.ping.enabled);
    inner.duration("interval", kTick, kTick, kDay, defences.ping.interval);
    inner.duration("timeout", kTick, kTick, kDay, defences.ping.timeout);
  });
  fields.mapping("reconnect", [&](Fields& inner) {
    ReconnectSettings& reconnect = defences.reconnect;
    inner.flag("enabled", reconnect.enabled);
    inner.duration("backoff_min", kTick, kTick, kDay, reconnect.backoff_min);
    inner.duration("backoff_max", kTick, kTick, kDay, reconnect.backoff_max);
    inner.duration("dial_timeout", kTick, kTick, kDay, reconnect.dial_timeout);
    inner.duration("stable_after", kTick, Duration{0}, kDay, reconnect.stable_after);
    if (reconnect.backoff_max < reconnect.backoff_min) {
      inner.complain("backoff_max", "must not be less than backoff_min");
    }
  });
  fields.mapping("retry", [&](Fields& inner) {
    inner.flag("enabled", defences.retry.enabled);
    inner.duration("ack_deadline", kTick, kTick, kDay, defences.retry.ack_deadline);
  });
  fields.flag("watch_idle", defences.watch_idle);
  fields.duration("ack_wait", kTick, Duration{0}, kDay, defences.ack_wait);
  auto writes = static_cast<std::uint64_t>(defences.writes_per_frame);
  fields.whole_number("writes_per_frame", 1, 2, writes);
  defences.writes_per_frame = static_cast<int>(writes);
}

// For labs: whoever knows the text knows the key.
SigningKey insecure_key(const std::string& text) {
  return SigningKey{sha256({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()})};
}

void read_own_key(Fields& fields, NodeConfig& config) {
  std::string seed;
  fields.text("key", config.key_path);
  fields.text("insecure_seed", seed);
  if (config.key_path.empty() == seed.empty()) {
    return fields.complain("key",
                           "is required: the file of this node's private key (vote-node keygen "
                           "makes one), or insecure_seed: TEXT in a lab");
  }
  if (!seed.empty()) config.node.key = insecure_key(seed);
}

void read_peer_key(Fields& fields, PeerSettings& peer) {
  std::string key;
  std::string seed;
  fields.text("key", key);
  fields.text("insecure_seed", seed);
  if (key.empty() == seed.empty()) {
    return fields.complain("key",
                           "is required: the peer's public key, 64 hexadecimal digits, or "
                           "insecure_seed: TEXT in a lab");
  }
  if (!seed.empty()) {
    peer.key = insecure_key(seed).public_key();
  } else if (const auto parsed = PublicKey::from_hex(key)) {
    peer.key = *parsed;
  } else {
    fields.complain("key", "must be 64 hexadecimal digits (vote-node pubkey prints them)");
  }
}

void read_transport(Fields& fields, NodeConfig& config) {
  std::string name = "tls";
  fields.text("transport", name);
  if (name != "tls" && name != "plaintext") {
    return fields.complain("transport", "must be tls or plaintext");
  }
  config.transport = name == "tls" ? Transport::kTls : Transport::kPlaintext;
  config.node.authenticates = config.transport == Transport::kTls;
}

void read_peer(Fields& fields, NodeConfig& config) {
  PeerSettings peer;
  std::string address;
  read_name(fields, "name", peer.name);
  read_address(fields, "address", address);
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
  fields.whole_number("weight", 0, kWeightMax, peer.weight);
  for (const PeerSettings& other : config.node.peers) {
    if (other.key == peer.key) fields.complain("name", "has the key of \"" + other.name + "\"");
  }
  config.node.peers.push_back(std::move(peer));
  config.peer_addresses.push_back(std::move(address));
}

void read_file(Fields& fields, NodeConfig& config) {
  read_preset(fields, config);
  read_name(fields, "name", config.node.name);
  read_name(fields, "network", config.node.network);
  read_address(fields, "listen", config.listen);
  read_address(fields, "admin", config.admin);
  const auto admin = parse_host_port(config.admin);
  if (admin.has_error() || !is_loopback(admin->host)) {
    fields.complain("admin",
                    "must be a loopback address, such as 127.0.0.1:8000: it has no password");
  }
  if (config.listen.empty()) fields.complain("listen", "must be an address");
  fields.text("events", config.events);
  fields.text("store", config.store);
  read_transport(fields, config);
  read_own_key(fields, config);
  fields.whole_number("weight", 0, kWeightMax, config.node.weight);
  fields.mapping("retention", [&](Fields& inner) {
    std::uint64_t votes = config.node.retention_votes;
    inner.whole_number("votes", kRetentionVotesMin, kRetentionVotesMax, votes);
    config.node.retention_votes = votes;
  });
  fields.whole_number("seed", 0, std::numeric_limits<std::uint64_t>::max(), config.node.seed);
  read_defences(fields, config.node.defences);
  fields.list("peers", [&](Fields& inner) { read_peer(inner, config); });
}

}  // namespace

Result<NodeConfig> parse_config(const std::string& text, const std::string& name) {
  try {
    Fields fields(YAML::Load(text), name, "");
    NodeConfig config;
    if (fields.problem()) return *fields.problem();
    read_file(fields, config);
    if (auto problem = fields.finish()) return *problem;
    return config;
  } catch (const YAML::Exception& error) {
    const std::string place = error.mark.is_null()
                                  ? name
                                  : name + ":" + std::to_string(error.mark.line + 1) + ":" +
                                        std::to_string(error.mark.column + 1);
    return Problem{place, ": not YAML: ", error.msg};
  }
}

Result<NodeConfig> load_config(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  if (file) text << file.rdbuf();
  if (!file || !text) return Problem{path, ": cannot read this file"};
  return parse_config(text.str(), path);
}

}  // namespace halfopen::node

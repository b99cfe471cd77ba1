#include "tests/bench/grpc_node/settings.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <fstream>
#include <sstream>

namespace halfopen::grpc_node {
namespace {

using boost::json::object;

std::string text_of(const object& from, std::string_view key) {
  const auto* found = from.if_contains(key);
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : "";
}

void read_number(const object& from, std::string_view key, int& target) {
  const auto* found = from.if_contains(key);
  if (found != nullptr && found->is_int64()) target = static_cast<int>(found->get_int64());
}

Result<PeerSettings> read_peer(const object& from) {
  const auto key = node::PublicKey::from_hex(text_of(from, "key"));
  if (!key) return Problem{"a peer's key must be 64 hexadecimal digits"};
  return PeerSettings{text_of(from, "name"), text_of(from, "address"), *key};
}

Result<Settings> read_settings(const object& from) {
  Settings settings;
  settings.name = text_of(from, "name");
  settings.network = text_of(from, "network");
  settings.listen = text_of(from, "listen");
  settings.admin = text_of(from, "admin");
  settings.store = text_of(from, "store");
  const auto seed = node::PublicKey::from_hex(text_of(from, "seed"));
  if (!seed) return Problem{"seed must be 64 hexadecimal digits"};
  std::copy_n(seed->bytes().begin(), settings.seed.size(), settings.seed.begin());
  if (const auto* tls = from.if_contains("tls"); tls != nullptr && tls->is_object()) {
    settings.tls = {text_of(tls->get_object(), "authority"),
                    text_of(tls->get_object(), "certificate"), text_of(tls->get_object(), "key")};
  }
  read_number(from, "ping_interval_ms", settings.ping_interval_ms);
  read_number(from, "ping_timeout_ms", settings.ping_timeout_ms);
  read_number(from, "backoff_ms_min", settings.backoff_ms_min);
  read_number(from, "backoff_ms_max", settings.backoff_ms_max);
  read_number(from, "dial_timeout_ms", settings.dial_timeout_ms);
  const auto* peers = from.if_contains("peers");
  if (peers == nullptr || !peers->is_array()) return Problem{"peers must be a list"};
  for (const auto& peer : peers->get_array()) {
    if (!peer.is_object()) return Problem{"a peer must be an object"};
    HALFOPEN_TRY(read, read_peer(peer.get_object()));
    settings.peers.push_back(std::move(read));
  }
  return settings;
}

}  // namespace

Result<std::string> read_text(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  if (file) text << file.rdbuf();
  if (!file || !text) return Problem{path, ": cannot read this file"};
  return text.str();
}

Result<Settings> load_settings(const std::string& path) {
  HALFOPEN_TRY(text, read_text(path));
  boost::system::error_code error;
  const auto parsed = boost::json::parse(text, error);
  if (error || !parsed.is_object()) return Problem{path, ": expected a JSON object"};
  auto settings = read_settings(parsed.get_object());
  if (settings.has_error()) return Problem{path, ": ", settings.error().text};
  return settings;
}

}  // namespace halfopen::grpc_node

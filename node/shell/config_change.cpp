#include "node/shell/config_change.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "base/duration_text.hpp"

namespace halfopen::node {
namespace {

// Every key but the peers, with what it holds.
class HeldFields final : public Fields {
 public:
  explicit HeldFields(std::map<std::string, std::string>& held, std::string prefix = "")
      : held_(held), prefix_(std::move(prefix)) {}

  void text(const Key& key, std::string_view, std::string& target) override { hold(key, target); }
  void choice(const Key& key, std::initializer_list<std::string_view>,
              std::string& target) override {
    hold(key, target);
  }
  void flag(const Key& key, bool& target) override { hold(key, target ? "true" : "false"); }
  void whole_number(const Key& key, std::uint64_t, std::uint64_t, std::uint64_t& target) override {
    hold(key, std::to_string(target));
  }
  void duration(const Key& key, Duration, Duration, Duration, Duration& target) override {
    hold(key, format_duration(target));
  }
  void mapping(const Key& key, const ReadInner& read) override {
    HeldFields inner(held_, prefix_ + std::string(key.name) + ".");
    read(inner);
  }
  void list(const Key&, const ReadInner&) override {}
  void require(std::string_view) override {}
  void require_one_of(std::initializer_list<std::string_view>, const std::string&) override {}
  void complain(std::string_view, const std::string&) override {}

 private:
  void hold(const Key& key, std::string content) {
    held_[prefix_ + std::string(key.name)] = std::move(content);
  }

  std::map<std::string, std::string>& held_;
  std::string prefix_;
};

std::map<std::string, std::string> held_by(NodeConfig config) {
  std::map<std::string, std::string> held;
  HeldFields fields(held);
  read_config(fields, config);
  return held;
}

std::optional<std::size_t> place_of(const NodeConfig& config, const std::string& peer) {
  const auto& peers = config.node.peers;
  const auto found = std::find_if(peers.begin(), peers.end(),
                                  [&](const PeerSettings& other) { return other.name == peer; });
  if (found == peers.end()) return std::nullopt;
  return static_cast<std::size_t>(found - peers.begin());
}

void append(std::string& text, std::string_view what, const std::vector<std::string>& names) {
  if (names.empty()) return;
  if (!text.empty()) text += "; ";
  text += what;
  for (std::size_t i = 0; i < names.size(); ++i)
    text += (i == 0 ? " " : ", ") + names[i];
}

}  // namespace

ConfigChange compare(const NodeConfig& running, const NodeConfig& fresh) {
  ConfigChange change;
  for (std::size_t i = 0; i < fresh.node.peers.size(); ++i) {
    const PeerSettings& peer = fresh.node.peers[i];
    const auto before = place_of(running, peer.name);
    if (!before) {
      change.added.push_back(peer.name);
    } else if (running.node.peers[*before] != peer ||
               running.peer_addresses.at(*before) != fresh.peer_addresses.at(i)) {
      change.changed.push_back(peer.name);
    }
  }
  for (const PeerSettings& peer : running.node.peers) {
    if (!place_of(fresh, peer.name)) change.removed.push_back(peer.name);
  }
  const auto held = held_by(running);
  for (const auto& [key, content] : held_by(fresh)) {
    if (held.at(key) != content) change.ignored.push_back(key);
  }
  return change;
}

std::string describe(const ConfigChange& change) {
  std::string text;
  append(text, "peers added:", change.added);
  append(text, "peers removed:", change.removed);
  append(text, "peers changed:", change.changed);
  append(text, "ignored until a restart:", change.ignored);
  return text.empty() ? "nothing changed" : text;
}

}  // namespace halfopen::node

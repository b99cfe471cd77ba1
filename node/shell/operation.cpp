#include "node/shell/operation.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>
#include <csignal>
#include <utility>

#include "metrics/clock.hpp"

namespace halfopen::node {
namespace {

namespace asio = boost::asio;
constexpr auto kSampleInterval = std::chrono::seconds(1);

}  // namespace

Operation::Operation(asio::io_context& context, NodeConfig config, Driver& driver,
                     Observers observers, StoreStatisticsOf store_statistics)
    : context_(context),
      config_(std::move(config)),
      driver_(driver),
      observers_(observers),
      store_statistics_(std::move(store_statistics)),
      signals_(context, SIGTERM, SIGINT, SIGHUP),
      alive_timer_(context),
      store_timer_(context),
      started_at_(monotonic_now()) {}

void Operation::start(Addresses addresses) {
  addresses_ = std::move(addresses);
  wait_for_signal();
  service_manager_.ready("Listening for peers on " + addresses_.listen);
  say_alive();
  sample_store();
}

void Operation::close() {
  signals_.cancel();
  alive_timer_.cancel();
  store_timer_.cancel();
}

void Operation::wait_for_signal() {
  signals_.async_wait([this](boost::system::error_code error, int signal) {
    if (error) return;
    // First, so that a signal that ends the node is not waited for again.
    handle_signal(signal);
    if (!driver_.node().is_stopped()) wait_for_signal();
  });
}

void Operation::handle_signal(int signal) {
  if (signal == SIGHUP) {
    (void)reload();
    return;
  }
  const std::string name = signal == SIGINT ? "SIGINT" : "SIGTERM";
  if (++stop_signals_ > 1) {
    observers_.log.warn("Stopping at once on a second signal, " + name);
    return driver_.shut_down(true);
  }
  drain(name);
}

void Operation::drain(const std::string& reason) {
  if (!stop_reason_.empty()) return;
  stop_reason_ = reason;
  observers_.log.info("Stopping on " + reason + ": no new votes, those under way are finished");
  service_manager_.stopping();
  driver_.shut_down_soon();
}

void Operation::reload_soon(ReloadHandler done) {
  // Not from inside an answer: the driver may be carrying out actions that name the old peers.
  asio::post(context_, [this, done = std::move(done)] { done(reload()); });
}

Result<NodeConfig> Operation::read_again() const {
  if (!stop_reason_.empty()) return Problem{"this node stops"};
  HALFOPEN_TRY(fresh, load_config(config_.file));
  const auto& peers = fresh.node.peers;
  const bool has_itself = std::any_of(peers.begin(), peers.end(), [&](const PeerSettings& peer) {
    return peer.name == config_.node.name || peer.key == config_.node.key->public_key();
  });
  if (has_itself) {
    return Problem{config_.file, ": a peer has the name or the key of this node, ",
                   config_.node.name, ": is this another node's configuration?"};
  }
  return fresh;
}

Result<ConfigChange> Operation::reload() {
  service_manager_.reloading();
  const std::string ready = "Listening for peers on " + addresses_.listen;
  const auto fresh = read_again();
  if (fresh.has_error()) {
    observers_.log.warn("Reload failed, everything stays as it was: " + fresh.error().text);
    observers_.events.reloaded("failed");
    service_manager_.ready(ready);
    return fresh.error();
  }
  for (const std::string& warning : warnings_of(*fresh))
    observers_.log.warn(warning);
  const ConfigChange change = compare(config_, *fresh);
  observers_.stats.add_peers(*fresh);
  observers_.history.set_peers(*fresh, monotonic_now());
  config_.node.peers = fresh->node.peers;
  config_.peer_addresses = fresh->peer_addresses;
  if (change.has_peers()) driver_.change_peers(config_);
  observers_.stats.remove_peers(config_);
  const std::string line = "Reloaded " + config_.file + ": " + describe(change);
  if (change.ignored.empty()) {
    observers_.log.info(line);
  } else {
    observers_.log.warn(line);
  }
  observers_.events.reloaded(describe(change));
  service_manager_.ready(ready);
  return change;
}

void Operation::say_alive() {
  const auto interval = service_manager_.alive_interval();
  if (!interval) return;
  service_manager_.alive();
  alive_timer_.expires_after(*interval);
  alive_timer_.async_wait([this](boost::system::error_code error) {
    if (!error) say_alive();
  });
}

void Operation::sample_store() {
  observers_.stats.store(store_statistics_(), driver_.store_health().waiting());
  store_timer_.expires_after(kSampleInterval);
  store_timer_.async_wait([this](boost::system::error_code error) {
    if (!error) sample_store();
  });
}

}  // namespace halfopen::node

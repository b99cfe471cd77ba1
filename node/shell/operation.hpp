// What an operator does to a running node, and what the service manager hears of it: reload, drain,
// stop, and whether all is well.
//
//   SIGHUP, POST /reload          the configuration is read again; peers change, nothing else does
//   SIGTERM, SIGINT, POST /drain  no new votes, those under way are finished, then the end
//   a second SIGTERM or SIGINT    the end, at once
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <string>

#include "node/shell/config_change.hpp"
#include "node/shell/driver.hpp"
#include "node/shell/service_manager.hpp"

namespace halfopen::node {

class Operation {
 public:
  struct Addresses {
    std::string listen;
    std::string admin;
  };
  using ReloadHandler = std::function<void(const Result<ConfigChange>&)>;
  using StoreStatisticsOf = std::function<StoreStatistics()>;

  // Everything given must outlive it. `config` is the one that the driver runs.
  Operation(boost::asio::io_context& context, NodeConfig config, Driver& driver,
            Observers observers, StoreStatisticsOf store_statistics);

  // Listens to signals and tells the service manager that the node is ready.
  void start(Addresses addresses);
  void drain(const std::string& reason);
  // After what is under way; then `done` hears what has changed.
  void reload_soon(ReloadHandler done);
  // When the node has stopped: nothing of this waits any more.
  void close();

  [[nodiscard]] const NodeConfig& config() const { return config_; }
  [[nodiscard]] const Addresses& addresses() const { return addresses_; }
  [[nodiscard]] const std::string& stop_reason() const { return stop_reason_; }
  [[nodiscard]] Instant started_at() const { return started_at_; }

 private:
  [[nodiscard]] Result<ConfigChange> reload();
  [[nodiscard]] Result<NodeConfig> read_again() const;
  void wait_for_signal();
  void handle_signal(int signal);
  void say_alive();
  void sample_store();

  boost::asio::io_context& context_;
  NodeConfig config_;
  Driver& driver_;
  Observers observers_;
  StoreStatisticsOf store_statistics_;
  ServiceManager service_manager_ = ServiceManager::from_environment();
  boost::asio::signal_set signals_;
  boost::asio::steady_timer alive_timer_;
  boost::asio::steady_timer store_timer_;
  Addresses addresses_;
  Instant started_at_;
  std::string stop_reason_;  // empty: it goes on
  int stop_signals_ = 0;
};

}  // namespace halfopen::node

// One proxy: a listener, an upstream address, the connections between them, and the faults set on
// it.
//
// Intuition: the proxy is the stage and the faults are the actors; it passes on what happens and
// wakes each fault at its deadline, but knows none of them by type.
//
// Invariants: one fault a type, so that two of them never fight over the same legs; names of faults
// are unique; a connection that is over leaves `connections_` at once and is destroyed afterwards,
// outside of its own calls.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "metrics/event_log.hpp"
#include "proxy/shell/faults/active_fault.hpp"

namespace halfopen {

// What all proxies of the program share.
struct ProxyContext {
  Poller& poller;
  MetricSet& metrics;
  EventLog& events;
  std::uint32_t mark;
  std::size_t connections_max = 1000;
  std::uint64_t next_connection_id = 1;
};

struct ProxySettings {
  std::string name;
  boost::asio::ip::tcp::endpoint listen;
  boost::asio::ip::tcp::endpoint upstream;
  bool enabled = true;
};

class Proxy final : private ConnectionOwner, private FaultHost {
 public:
  struct Fault {
    std::string name;
    FaultConfig config;
    std::unique_ptr<ActiveFault> active;
  };

  Proxy(ProxyContext& context, const ProxySettings& settings);
  ~Proxy() override;

  // Begins to listen if enabled.
  [[nodiscard]] Result<void> start();
  // Ends every connection (silent ones vanish, the others get a FIN), the listener, the faults and
  // the metric series, for good.
  // Handlers of its timer may still be queued: destroy it in a later turn of the io_context.
  void stop();
  // A changed listen or upstream address ends all connections; so does disabling.
  [[nodiscard]] Result<void> change(const ProxySettings& settings);

  // The name and the type must be free: the caller has checked.
  Fault& add_fault(const std::string& name, const FaultConfig& config);
  [[nodiscard]] Result<void> change_fault(Fault& fault, const FaultConfig& config);
  [[nodiscard]] Result<void> remove_fault(const std::string& name);
  // What ActiveFault::flush does.
  [[nodiscard]] Result<std::size_t> flush_fault(Fault& fault);
  [[nodiscard]] Fault* find_fault(const std::string& name);
  [[nodiscard]] const Fault* find_fault_of_type(std::string_view type) const;
  [[nodiscard]] const std::vector<Fault>& faults() const { return faults_; }

  // With the port that was bound.
  [[nodiscard]] ProxySettings settings() const;
  [[nodiscard]] std::vector<std::shared_ptr<Connection>> connections() override;

 private:
  void handle_connected(Connection& connection) override;
  void handle_leg_event(Connection& connection, LegId leg) override;
  void handle_relayed(LegId from, std::size_t bytes) override;
  void handle_reset_relayed() override;
  void handle_dropped(LegId leg, std::uint32_t segments) override;
  void handle_over(Connection& connection, const CloseReport& report) override;

  Listener& listener() override { return *listener_; }
  ProxyMetrics& metrics() override { return metrics_; }
  void write_event(std::string_view event, boost::json::object fields) override;
  void report_failure(const ActiveFault& fault, std::optional<ConnectionId> connection,
                      const Problem& problem) override;

  void handle_accepted(Descriptor socket, std::string client_address);
  void make_listener();
  void end_all(const std::string& reason);
  void announce(const char* event);
  void handle_wakeup();
  void forget_finished_faults();
  void forget_fault(std::vector<Fault>::iterator fault);
  void collect_dropped();
  [[nodiscard]] bool anything_held();
  void schedule();

  ProxyContext& context_;
  ProxySettings settings_;
  ProxyMetrics metrics_;
  std::unique_ptr<Listener> listener_;
  std::map<ConnectionId, std::shared_ptr<Connection>> connections_;
  std::vector<Fault> faults_;
  boost::asio::steady_timer wakeup_;
  std::optional<Instant> wakeup_at_;
  Instant dropped_collected_at_;
};

}  // namespace halfopen

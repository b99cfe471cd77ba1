// One proxy: a listener, an upstream address, the connections between them, and the faults set on
// it.
//
// Intuition: the proxy is the stage and the faults are the actors; it passes on what happens and
// wakes each fault at its deadline, but knows none of them by type.
//
// Invariants: one connection fault a type, so that two of them never fight over the same legs, and
// any number of stream faults; names of faults are unique; a connection that is over leaves
// `connections_` at once and is destroyed afterwards, outside of its own calls.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "metrics/event_log.hpp"
#include "proxy/shell/faults/active_fault.hpp"

namespace halfopen {

// What all proxies of the program share.
struct ProxyContext {
  EventLoop& loop;
  Resolver& resolver;
  PipePool& pipes;
  MetricSet& metrics;
  EventLog& events;
  std::uint32_t mark;
  std::uint64_t seed = 1;
  std::size_t connections_max = 9000;
  std::uint64_t next_connection_id = 1;
};

struct ProxySettings {
  std::string name;
  std::string listen;    // as given: "localhost:0", ":7000", ""
  std::string upstream;  // as given, looked up at each dial
  bool enabled = true;
  // Whether one side's FIN leaves the other direction open, or ends both, as Toxiproxy does.
  bool half_close = false;
};

class Proxy final : private ConnectionOwner, private FaultHost {
 public:
  struct Fault {
    FaultSpec spec;
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
  // Whether it would have to listen or dial elsewhere. A Problem where the address means nothing.
  [[nodiscard]] Result<bool> differs(const std::string& listen, const std::string& upstream);
  // A changed listen or upstream address ends all connections; so does disabling. An address that
  // cannot be had leaves the proxy disabled, with the new settings.
  [[nodiscard]] Result<void> change(const ProxySettings& settings);

  // The name must be free, and a connection fault's type, too: the caller has checked.
  Fault& add_fault(const FaultSpec& spec);
  // Of the same name, type and stream.
  [[nodiscard]] Result<void> change_fault(Fault& fault, const FaultSpec& spec);
  [[nodiscard]] Result<void> remove_fault(const std::string& name);
  // What ActiveFault::flush does.
  [[nodiscard]] Result<std::size_t> flush_fault(Fault& fault);
  [[nodiscard]] Fault* find_fault(const std::string& name);
  [[nodiscard]] const Fault* find_fault_of_type(std::string_view type) const;
  [[nodiscard]] const std::vector<Fault>& faults() const { return faults_; }

  [[nodiscard]] const ProxySettings& settings() const { return settings_; }
  // The address that was bound, or what was given for one that never listened.
  [[nodiscard]] std::string listen_text() const;
  [[nodiscard]] std::vector<std::shared_ptr<Connection>> connections() override;

 private:
  void handle_connected(Connection& connection) override;
  void handle_leg_event(Connection& connection, LegId leg) override;
  void handle_moved(LegId from, std::size_t received, std::size_t relayed) override;
  void handle_reset_relayed() override;
  void handle_reset_by_fault() override;
  void handle_dropped(LegId leg, std::uint32_t segments) override;
  void handle_silencing(Connection& connection, LegId leg) override;
  void handle_silence(bool is_silent) override;
  void handle_over(Connection& connection, const CloseReport& report) override;

  Connection* find_connection(ConnectionId id) override;
  Listener& listener() override { return *listener_; }
  ProxyMetrics& metrics() override { return metrics_; }
  std::uint64_t seed() const override { return context_.seed; }
  const std::string& proxy_name() const override { return settings_.name; }
  void write_event(std::string_view event, boost::json::object fields) override;
  void report_failure(const ActiveFault& fault, std::optional<ConnectionId> connection,
                      const Problem& problem) override;

  void handle_accepted(Descriptor socket, const boost::asio::ip::tcp::endpoint& client);
  [[nodiscard]] Result<boost::asio::ip::tcp::endpoint> find_address(const std::string& listen);
  // A client got a reset instead of a connection.
  void report_turned_away(const std::string& limit);
  void report_dial(const CloseReport& report);
  void make_listener(const boost::asio::ip::tcp::endpoint& address);
  void end_all(const std::string& reason);
  void announce(const char* event);
  void handle_wakeup();
  void forget_finished_faults();
  void forget_fault(std::vector<Fault>::iterator fault);
  void collect_dropped();
  void schedule();

  ProxyContext& context_;
  ProxySettings settings_;
  ProxyMetrics metrics_;
  std::unique_ptr<Listener> listener_;
  // Iterated only where the order does not matter.
  std::unordered_map<ConnectionId, std::shared_ptr<Connection>> connections_;
  std::vector<Fault> faults_;
  Timer wakeup_;
  Instant dropped_collected_at_;
  std::size_t silent_connections_ = 0;
  std::uint64_t accepted_ = 0;
  std::optional<Instant> turned_away_told_at_;
  std::optional<Instant> dial_told_at_;
};

}  // namespace halfopen

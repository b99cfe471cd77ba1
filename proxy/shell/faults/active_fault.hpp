// A fault at work on one proxy, and what it may do to that proxy.
//
// Intuition: the proxy never asks which fault it carries. It tells each of them what happens, and
// they act through FaultHost. A new fault is a subclass in a file of its own and one line in
// make_active_fault().
#pragma once

#include <boost/json/object.hpp>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "proxy/core/fault.hpp"
#include "proxy/shell/connection.hpp"
#include "proxy/shell/listener.hpp"
#include "proxy/shell/proxy_metrics.hpp"

namespace halfopen {

class ActiveFault;

class FaultHost {
 public:
  FaultHost() = default;
  FaultHost(const FaultHost&) = delete;
  FaultHost& operator=(const FaultHost&) = delete;
  virtual ~FaultHost() = default;

  // A snapshot in the order of acceptance; what is done to one may remove it from the proxy.
  [[nodiscard]] virtual std::vector<std::shared_ptr<Connection>> connections() = 0;
  // Nothing when it is over.
  [[nodiscard]] virtual Connection* find_connection(ConnectionId id) = 0;
  [[nodiscard]] virtual Listener& listener() = 0;
  [[nodiscard]] virtual ProxyMetrics& metrics() = 0;
  // The program's, of everything random.
  [[nodiscard]] virtual std::uint64_t seed() const = 0;
  [[nodiscard]] virtual const std::string& proxy_name() const = 0;
  // Writes an event; the proxy's name is added.
  virtual void write_event(std::string_view event, boost::json::object fields) = 0;
  // A kernel trick failed although it was probed: the fault does not bite, and whoever judges the
  // run must learn it. Without a connection it is the listener that failed.
  virtual void report_failure(const ActiveFault& fault, std::optional<ConnectionId> connection,
                              const Problem& problem) = 0;
};

class ActiveFault {
 public:
  ActiveFault() = default;
  ActiveFault(const ActiveFault&) = delete;
  ActiveFault& operator=(const ActiveFault&) = delete;
  virtual ~ActiveFault() = default;

  virtual void start(Instant now) = 0;
  // The fault is removed; on a Problem it stays.
  [[nodiscard]] virtual Result<void> stop(Instant now) = 0;
  // New settings of the same type.
  [[nodiscard]] virtual Result<void> change(const FaultConfig& config) = 0;
  // As change(), with all that was asked for: only a stream fault looks beyond the settings.
  [[nodiscard]] virtual Result<void> change_spec(const FaultSpec& spec) {
    return change(spec.config);
  }

  // Forgets what it has tracked so far; answers how many connections that concerns. Only a fault
  // that tracks some can.
  [[nodiscard]] virtual Result<std::size_t> flush(Instant) {
    return Problem{"only a nat can be flushed"};
  }

  virtual void handle_accepted(Connection&) {}
  virtual void handle_connected(Connection&) {}
  virtual void handle_leg_event(Connection&, LegId) {}
  // Before a leg falls silent, whoever wants that.
  virtual void handle_silencing(Connection&, LegId) {}
  virtual void handle_over(Connection&) {}

  // Called at next_deadline() or at any time before it.
  virtual void handle_timeout(Instant) {}
  [[nodiscard]] virtual std::optional<Instant> next_deadline() const { return std::nullopt; }
  // True once the fault has ended by itself.
  [[nodiscard]] virtual bool is_over() const { return false; }
};

// `host` must outlive the fault.
[[nodiscard]] std::unique_ptr<ActiveFault> make_active_fault(FaultHost& host,
                                                             const FaultSpec& spec);

}  // namespace halfopen

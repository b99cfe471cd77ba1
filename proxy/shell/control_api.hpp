// The control API: HTTP requests to what they do, as one function. The forms are Toxiproxy's where
// it has them, its codes and words included. No call waits for a connection.
#pragma once

#include <cstdint>
#include <string>

#include "metrics/metric_set.hpp"
#include "metrics/process_metrics.hpp"
#include "proxy/shell/api_guard.hpp"
#include "proxy/shell/event_stream.hpp"
#include "proxy/shell/http_server.hpp"
#include "proxy/shell/proxy_set.hpp"
#include "proxy/shell/routes.hpp"

namespace halfopen {

class ControlApi {
 public:
  ControlApi(ProxySet& proxies, MetricSet& metrics, EventStreams& events, ApiGuard guard)
      : proxies_(proxies),
        metrics_(metrics),
        process_(metrics),
        events_(events),
        guard_(std::move(guard)) {}

  [[nodiscard]] HttpReply handle(const HttpRequest& request);

 private:
  [[nodiscard]] HttpReply carry_out(const HttpRequest& request, const Route& route);
  [[nodiscard]] HttpResponse handle_proxies(const HttpRequest& request);
  [[nodiscard]] HttpResponse handle_populate(const HttpRequest& request);
  [[nodiscard]] HttpResponse handle_reset();
  [[nodiscard]] HttpResponse handle_proxy(const HttpRequest& request, Proxy& proxy);
  [[nodiscard]] HttpResponse handle_toxics(const HttpRequest& request, Proxy& proxy);
  [[nodiscard]] HttpResponse handle_toxic(const HttpRequest& request, Proxy& proxy,
                                          const std::string& name);
  [[nodiscard]] HttpResponse handle_faults(const HttpRequest& request, Proxy& proxy);
  [[nodiscard]] HttpResponse handle_fault(const HttpRequest& request, Proxy& proxy,
                                          const std::string& name);
  [[nodiscard]] static HttpResponse handle_flush(Proxy& proxy, const std::string& name);
  [[nodiscard]] HttpResponse handle_connections(const HttpRequest& request,
                                                const std::string& proxy);
  [[nodiscard]] HttpResponse handle_connection(const HttpRequest& request, Proxy& proxy,
                                               const std::string& id);
  [[nodiscard]] HttpReply handle_events(const HttpRequest& request);
  [[nodiscard]] std::string next_request_id();

  ProxySet& proxies_;
  const MetricSet& metrics_;
  ProcessMetrics process_;
  EventStreams& events_;
  ApiGuard guard_;
  std::uint32_t requests_ = 0;
};

}  // namespace halfopen

// The control API: HTTP requests to what they do, as one function. The forms are Toxiproxy's where
// it has them. No call waits for a connection.
#pragma once

#include "metrics/http_endpoint.hpp"
#include "metrics/metric_set.hpp"
#include "proxy/shell/proxy_set.hpp"

namespace halfopen {

class ControlApi {
 public:
  ControlApi(ProxySet& proxies, const MetricSet& metrics) : proxies_(proxies), metrics_(metrics) {}

  [[nodiscard]] HttpResponse handle(const HttpRequest& request);

 private:
  [[nodiscard]] HttpResponse handle_proxies(const HttpRequest& request);
  [[nodiscard]] HttpResponse handle_proxy(const HttpRequest& request, const std::string& name);
  [[nodiscard]] HttpResponse handle_faults(const HttpRequest& request, Proxy& proxy);
  [[nodiscard]] HttpResponse handle_fault(const HttpRequest& request, Proxy& proxy,
                                          const std::string& name);
  [[nodiscard]] HttpResponse handle_flush(const HttpRequest& request, Proxy& proxy,
                                          const std::string& name);
  [[nodiscard]] HttpResponse handle_abilities() const;

  ProxySet& proxies_;
  const MetricSet& metrics_;
};

}  // namespace halfopen

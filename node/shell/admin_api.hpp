// The node's admin API: what an operator, a scenario or Prometheus may ask over HTTP.
#pragma once

#include "metrics/http_endpoint.hpp"
#include "metrics/metric_set.hpp"
#include "node/shell/driver.hpp"

namespace halfopen::node {

class AdminApi {
 public:
  // All must outlive it.
  AdminApi(Driver& driver, const VoteStore& store, const MetricSet& metrics)
      : driver_(driver), store_(store), metrics_(metrics) {}

  [[nodiscard]] HttpResponse handle(const HttpRequest& request);

 private:
  [[nodiscard]] HttpResponse cast(const std::string& body);
  [[nodiscard]] HttpResponse votes() const;
  [[nodiscard]] HttpResponse peers() const;

  Driver& driver_;
  const VoteStore& store_;
  const MetricSet& metrics_;
};

// Reads the body of POST /votes. An empty body is an empty object.
[[nodiscard]] Result<CastRequest> parse_cast_request(const std::string& body);

}  // namespace halfopen::node

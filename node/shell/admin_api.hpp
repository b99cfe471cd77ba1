// The node's admin API: what an operator, a scenario or Prometheus may ask over HTTP.
#pragma once

#include "metrics/http_endpoint.hpp"
#include "metrics/metric_set.hpp"
#include "node/shell/driver.hpp"

namespace halfopen::node {

class AdminApi {
 public:
  // All must outlive it.
  AdminApi(Driver& driver, VoteStore& store, const MetricSet& metrics)
      : driver_(driver), store_(store), metrics_(metrics) {}

  void handle(const HttpRequest& request, const HttpRespond& respond);

 private:
  void cast(const HttpRequest& request, const HttpRespond& respond);
  [[nodiscard]] HttpResponse answer(const HttpRequest& request);
  [[nodiscard]] HttpResponse votes(const std::string& query) const;
  [[nodiscard]] HttpResponse peers() const;

  Driver& driver_;
  VoteStore& store_;
  const MetricSet& metrics_;
};

inline constexpr std::uint64_t kPageVotesMax = 10'000;
struct VotePage {
  std::uint64_t after = 0;
  std::uint64_t limit = 1'000;
};
// Reads the query of GET /votes.
[[nodiscard]] Result<VotePage> parse_page(const std::string& query);
// Reads the body of POST /votes. An empty body is an empty object.
[[nodiscard]] Result<CastRequest> parse_cast_request(const std::string& body);

}  // namespace halfopen::node

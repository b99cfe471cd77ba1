// The node's admin API: what an operator, a scenario or Prometheus may ask over HTTP.
// (admin_request.hpp reads the questions, this answers them.)
#pragma once

#include "metrics/http_endpoint.hpp"
#include "metrics/metric_set.hpp"
#include "node/shell/admin_request.hpp"
#include "node/shell/driver.hpp"
#include "node/shell/operation.hpp"

namespace halfopen::node {

class AdminApi {
 public:
  // All must outlive it.
  AdminApi(Driver& driver, VoteStore& store, const MetricSet& metrics, const PeerHistory& history,
           Operation& operation)
      : driver_(driver),
        store_(store),
        metrics_(metrics),
        history_(history),
        operation_(operation) {}

  void handle(const HttpRequest& request, const HttpRespond& respond);

 private:
  struct Visitor;

  void cast(const ask::Cast& question, const HttpRespond& respond);
  [[nodiscard]] HttpResponse health() const;
  [[nodiscard]] HttpResponse readiness(const ask::Readiness& question) const;
  [[nodiscard]] HttpResponse overview() const;
  [[nodiscard]] HttpResponse votes(const VotePage& page) const;
  [[nodiscard]] HttpResponse peers() const;
  [[nodiscard]] HttpResponse history(const std::string& peer) const;
  [[nodiscard]] HttpResponse evidence() const;
  [[nodiscard]] HttpResponse tally(const TallyPage& page) const;
  [[nodiscard]] std::uint64_t weight_in_reach() const;
  [[nodiscard]] bool is_quorum_in_reach() const;

  Driver& driver_;
  VoteStore& store_;
  const MetricSet& metrics_;
  const PeerHistory& history_;
  Operation& operation_;
};

}  // namespace halfopen::node

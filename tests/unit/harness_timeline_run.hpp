// A made-up run of n1 and n2 with one link, and a middlebox between them.
#pragma once

#include <utility>

#include "harness/model/timeline/timeline.hpp"
#include "tests/unit/harness_judge_record.hpp"

namespace halfopen::test {

class TimelineRun {
 public:
  explicit TimelineRun(double seconds) : builder_(seconds) {
    scenario_.nodes.resize(2);
    scenario_.nodes[0].name = "n1";
    scenario_.nodes[1].name = "n2";
    LinkSpec link;
    link.id = "n1-n2";
    link.dialer = "n1";
    link.listener = "n2";
    scenario_.links.push_back(link);
  }

  TimelineRun& nat(boost::json::object attributes) {
    scenario_.links[0].faults.push_back({"nat", "nat", std::move(attributes), {}});
    return *this;
  }
  // A step of the scenario that the run was in from `begin` to `end`.
  TimelineRun& step(const std::string& id, double begin, double end, StepAction action) {
    scenario_.steps.push_back({id, {}, std::move(action)});
    builder_.record().steps.push_back({id, {at(begin), at(end)}});
    return *this;
  }
  TimelineRun& middlebox(double time, const std::string& name, boost::json::object fields = {}) {
    fields["proxy"] = "n1-n2";
    if (!fields.contains("conn")) fields["conn"] = 1;
    builder_.record().events.push_back(
        {at(time), "fault-proxy", "fault-proxy", name, std::move(fields)});
    return *this;
  }
  TimelineRun& opened(double time, const std::string& node, const std::string& direction) {
    builder_.event(time, node, "connection_opened",
                   {{"peer", peer_of(node)}, {"direction", direction}});
    return change(time, node, "Idle", "Healthy", "hello");
  }
  TimelineRun& change(double time, const std::string& node, const std::string& from,
                      const std::string& to, const std::string& reason,
                      const std::string& error = "OK") {
    builder_.event(time, node, "transition",
                   {{"peer", peer_of(node)},
                    {"from", from},
                    {"to", to},
                    {"reason", reason},
                    {"errno", error}});
    return *this;
  }
  // Both ends, by a dial of n1.
  TimelineRun& connected(double time) {
    return middlebox(time, "connection_opened")
        .opened(time, "n1", "outbound")
        .opened(time, "n2", "inbound");
  }

  [[nodiscard]] static std::string peer_of(const std::string& node) {
    return node == "n1" ? "n2" : "n1";
  }
  [[nodiscard]] RecordBuilder& events() { return builder_; }
  [[nodiscard]] Scenario& scenario() { return scenario_; }
  [[nodiscard]] Timeline build(const std::vector<ExpectationResult>& results = {},
                               const Prediction* prediction = nullptr) {
    return build_timeline(scenario_, builder_.record(), results, prediction);
  }

 private:
  RecordBuilder builder_;
  Scenario scenario_;
};

inline const Lane& lane_of(const Timeline& timeline, const std::string& node) {
  for (const Lane& lane : timeline.lanes) {
    if (lane.node == node) return lane;
  }
  throw std::runtime_error("no lane of " + node);
}

}  // namespace halfopen::test

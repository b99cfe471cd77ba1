// Builds records of invented runs: events, scrapes and samples at times of the test's choosing.
#pragma once

#include <gtest/gtest.h>

#include <boost/json/object.hpp>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>

#include "harness/model/record.hpp"

namespace halfopen::test {

inline Duration from_seconds(double time) {
  return Duration{static_cast<std::int64_t>(std::llround(time * 1e9))};
}
inline Instant at(double seconds) {
  return Instant{} + from_seconds(seconds);
}

class RecordBuilder {
 public:
  // A run of so many seconds, scraped every 100 ms, with a first step "up" of one second and a
  // second step "rest" until the end.
  explicit RecordBuilder(double run_seconds) {
    record_.whole = {at(0), at(run_seconds)};
    record_.scrape_interval = std::chrono::milliseconds(100);
    record_.node_names = {"n1", "n2"};
    record_.steps = {{"up", {at(0), at(1)}}, {"rest", {at(1), at(run_seconds)}}};
    const auto rounds = static_cast<int>(std::lround(run_seconds * 10));
    for (int round = 0; round <= rounds; ++round) {
      record_.scrape_times.push_back(at(round / 10.0));
    }
  }

  RecordBuilder& event(double time, const std::string& node, const std::string& name,
                       boost::json::object fields = {}) {
    fields["node"] = node;
    fields["event"] = name;
    record_.events.push_back({at(time), "vote-node", node, name, std::move(fields)});
    return *this;
  }
  RecordBuilder& cast(double time, const std::string& node, const std::string& vote) {
    return event(time, node, "vote_cast", {{"vote", vote}});
  }
  RecordBuilder& stored(double time, const std::string& node, const std::string& from,
                        const std::string& vote, const std::string& outcome = "stored") {
    return event(time, node, "vote_stored", {{"peer", from}, {"vote", vote}, {"outcome", outcome}});
  }
  RecordBuilder& send(double time, const std::string& result, double idle_seconds = 0,
                      int connection = 1) {
    return event(time, "n1", "send",
                 {{"peer", "n2"},
                  {"conn", connection},
                  {"result", result},
                  {"idle_ms", idle_seconds * 1000}});
  }
  RecordBuilder& transition(double time, const std::string& from, const std::string& to,
                            const std::string& reason, boost::json::object more = {}) {
    more["peer"] = "n2";
    more["from"] = from;
    more["to"] = to;
    more["reason"] = reason;
    if (!more.contains("conn")) more["conn"] = 1;
    return event(time, "n1", "transition", std::move(more));
  }
  // One value at every scrape in [begin, end).
  RecordBuilder& samples(const std::string& name, const SeriesLabels& labels, double begin,
                         double end, double value) {
    for (const Instant time : record_.scrape_times) {
      if (time < at(begin) || time >= at(end)) continue;
      EXPECT_TRUE(record_.samples.append(name, labels, {time, value}));
    }
    return *this;
  }

  [[nodiscard]] RunRecord& record() { return record_; }

 private:
  RunRecord record_;
};

}  // namespace halfopen::test

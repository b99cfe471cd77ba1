// Everything that was observed of one run, as data: the input of judgement. No judgement here.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "harness/model/series.hpp"

namespace halfopen {

// One line of a program's event log (ARCHITECTURE.md, "Events").
struct Event {
  Instant at;
  std::string program;
  std::string node;
  std::string event;
  boost::json::object fields;  // the whole line

  // A string field's text, or "" when it is not there or not a string.
  [[nodiscard]] std::string text(std::string_view field) const;
  // A whole number that is not negative, such as a connection's; nothing otherwise.
  [[nodiscard]] std::optional<std::uint64_t> count(std::string_view field) const;
  // A time in milliseconds, such as idle_ms; nothing when it is not there or not a number.
  [[nodiscard]] std::optional<Duration> milliseconds(std::string_view field) const;
};

struct Interval {
  Instant begin;
  Instant end;
};

struct StepSpan {
  std::string id;
  Interval span;  // from its start to the start of the next step (to the run's end for the last)
};

// A line of a process's own log, when it arrived. What is longer than LinePattern::kLineBytesMax is
// cut.
struct LogLine {
  Instant at;
  std::string text;
};
struct ProcessLog {
  std::vector<LogLine> lines;
  std::string trouble;  // not empty: why lines may be missing
};

struct RunRecord {
  SeriesStore samples;
  std::vector<Event> events;               // of all programs, in time order
  std::map<std::string, ProcessLog> logs;  // by node, of those that were watched
  std::vector<StepSpan> steps;
  Interval whole;
  std::vector<std::string> node_names;
  Duration scrape_interval{};
  std::vector<Instant> scrape_times;  // of each round that was attempted: the time that the round's
                                      // samples carry, so that a look at it sees them
  // Unix time minus monotonic time, for time() and timestamp() in expressions. Without it,
  // judgement takes it from the events, whose lines carry both.
  std::optional<Duration> wall_offset{};
  Duration latest_heartbeat{};  // the worst lateness of the 10 ms heartbeat
  struct Lateness {
    Instant at;
    Duration late;
  };
  std::vector<Lateness> late_heartbeats;  // each of 5 ms or more
  std::string harness_trouble;  // not empty: why the run could not be carried out (a FAIL or
                                // INCONCLUSIVE of the run, decided by the runner)
};

}  // namespace halfopen

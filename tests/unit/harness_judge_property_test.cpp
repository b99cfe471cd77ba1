// What must be true of every judgement: the same record gives the same verdicts, what lies outside
// the window changes nothing, and windows can be judged at every scrape interval.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "harness/model/judge_window.hpp"
#include "tests/unit/harness_judge_scenario.hpp"

namespace halfopen {
namespace {

using test::at;
using test::expression;
using test::from_seconds;
using test::kN2;
using test::RecordBuilder;
using test::scenario_of;

// Every kind of expectation that looks at samples or events, over the step "rest".
std::vector<ExpectationBody> bodies() {
  const EventPattern suspect{"transition", {{"node", "n1"}, {"to", "Suspect"}}};
  return {Always{expression("up == 1")},
          Never{expression("up == 0")},
          Eventually{expression("up == 0")},
          Sometimes{expression("up == 1")},
          HoldsFor{expression("up == 1"), from_seconds(0.5)},
          CountTimes{expression("up == 0"), {Comparison::kAtMost, 2}},
          CountEvents{suspect, {Comparison::kEqual, 1}},
          LogLines{"n1", LinePattern::containing("x"), {Comparison::kAtLeast, 1}},
          SendSequence{"n1", "n2", {{"OK"}}},
          LostVotes{"n1", "n2", Comparison::kEqual, 0},
          DetectedBy{"n1", "n2", {"reset"}},
          Invariants{{Invariant::kNoDuplicates, Invariant::kAcksMatch}, {}}};
}

// What is drawn of a run of 6 s with a window from 2 s to 4 s.
struct Draws {
  std::vector<double> values;  // of each scrape
  std::vector<int> events;     // in the window

  static Draws draw() {
    Draws draws;
    draws.values =
        *rc::gen::container<std::vector<double>>(61, rc::gen::element<double>(0, 1, 1, 1));
    draws.events = *rc::gen::container<std::vector<int>>(7, rc::gen::inRange(0, 6));
    return draws;
  }
};

RecordBuilder run_of(const Draws& draws) {
  RecordBuilder run(6);
  run.record().steps = {
      {"up", {at(0), at(2)}}, {"window", {at(2), at(4)}}, {"after", {at(4), at(6)}}};
  for (int round = 0; round <= 60; ++round) {
    run.samples("up", kN2, round / 10.0 - 0.01, round / 10.0 + 0.01,
                draws.values[static_cast<std::size_t>(round)]);
  }
  run.event(0.1, "n1", "started");  // who never told anything could not have told the rest either
  double time = 2.05;
  for (const int event : draws.events) {
    if (event == 0) run.transition(time, "Healthy", "Suspect", "ping_timeout");
    if (event == 1) run.cast(time, "n1", "aaaaaaaaaa");
    if (event == 2) run.stored(time, "n2", "n1", "aaaaaaaaaa");
    if (event == 3) run.send(time, "OK");
    if (event == 4) run.transition(time, "Healthy", "Backoff", "reset");
    run.record().logs["n1"].lines.push_back({at(time), event == 5 ? "x" : "y"});
    time += 0.25;
  }
  return run;
}

ExpectationResult judged_in_window(const ExpectationBody& body, const RunRecord& record) {
  return judge(scenario_of(body, {"window", ""}), record).at(0);
}

bool same(const ExpectationResult& one, const ExpectationResult& other) {
  return one.verdict == other.verdict && one.seen == other.seen && one.moment == other.moment;
}

RC_GTEST_PROP(Judgement, IsTheSameForTheSameRecord, ()) {
  const Draws draws = Draws::draw();
  RecordBuilder run = run_of(draws);
  RecordBuilder again = run_of(draws);
  for (const ExpectationBody& body : bodies()) {
    RC_ASSERT(same(judged_in_window(body, run.record()), judged_in_window(body, again.record())));
  }
}

// Of samples, up to the lookback before the window.
RC_GTEST_PROP(Judgement, LooksAtNothingOutsideItsWindow, ()) {
  Draws draws = Draws::draw();
  RecordBuilder run = run_of(draws);
  for (std::size_t round = 0; round < draws.values.size(); ++round) {
    if (round < 17 || round > 40) draws.values[round] = *rc::gen::inRange(0, 3);
  }
  RecordBuilder more = run_of(draws);
  more.samples("other", kN2, 0, 7, 5);
  more.record().logs["n1"].lines.push_back({at(5), "x"});
  for (int i = 0; i < 5; ++i)
    more.send(4.5 + i * 0.1, "EPIPE");
  more.transition(5.1, "Healthy", "Suspect", "ping_timeout");
  more.transition(5.2, "Suspect", "Backoff", "ping_timeout");
  for (const ExpectationBody& body : bodies()) {
    RC_ASSERT(same(judged_in_window(body, run.record()), judged_in_window(body, more.record())));
  }
}

// A window of 2 s or more, scraped on time but for a tenth of an interval, wherever the first
// scrape falls: it is covered. Without a third of the scrapes, or with a long gap, it is not.
RC_GTEST_PROP(Coverage, HoldsAtEveryScrapeInterval, ()) {
  RunRecord record;
  const int interval_ms = *rc::gen::element(50, 100, 200, 250, 500, 1000);
  record.scrape_interval = std::chrono::milliseconds(interval_ms);
  const int window_ms = *rc::gen::inRange(2000, 10000);
  const int phase_ms = *rc::gen::inRange(0, interval_ms);
  record.whole = {at(0), at(30)};
  record.steps = {{"up", {at(0), at(5)}}, {"w", {at(5), at(5 + window_ms / 1000.0)}}};
  for (int time_ms = phase_ms; time_ms < 20000; time_ms += interval_ms) {
    const int late_ms = *rc::gen::inRange(0, interval_ms / 10 + 1);
    record.scrape_times.push_back(at((time_ms + late_ms) / 1000.0));
  }
  const Interval window = resolve({"w", ""}, record).value();
  RC_ASSERT(coverage_trouble(window, scrapes_in(window, record), record).empty());
  if (window_ms < 8 * interval_ms) return;
  std::vector<Instant> fewer;
  std::size_t index = 0;
  for (const Instant time : scrapes_in(window, record)) {
    if (++index % 3 != 0) fewer.push_back(time);
  }
  RC_ASSERT(!coverage_trouble(window, fewer, record).empty());
}

}  // namespace
}  // namespace halfopen

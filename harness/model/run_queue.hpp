// Which run starts next: an admission desk for runs that mostly wait.
//
// Every run has a cost in units and the machine has so many units; the longest runs go first, since
// a long one that starts last is what everybody waits for. Pure: it is told when runs end and what
// time it is, so a whole night of runs is a unit test.
//
// Invariants: the units in use never exceed the limit, except by one run that is larger than all of
// it and runs alone. A run that stalled is played once more when nothing else runs. Every run ends
// as played or as left out with a reason; none is forgotten.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "harness/model/scenario.hpp"

namespace halfopen {

// How long a run takes when nothing goes wrong: its idle times, its casts, and a second or two for
// what starts and ends. An estimate, for order and progress; nothing is judged by it.
[[nodiscard]] Duration expected_duration(const Scenario& scenario);

struct QueuedRun {
  unsigned cost = 1;
  Duration expected{};
};

class RunQueue {
 public:
  struct Settings {
    unsigned units = 1;
    std::optional<Duration> time_budget;  // no run starts that is expected to end after it
    bool fail_fast = false;               // nothing starts after the first that failed
  };

  RunQueue(Settings settings, std::vector<QueuedRun> runs, Instant begin);

  // The run to start now; nothing: wait for an end, or all is over (done()).
  [[nodiscard]] std::optional<std::size_t> next(Instant now);

  struct Outcome {
    bool failed = false;
    bool stalled = false;  // the machine was too late to be believed
  };
  // False when the run will be started again, alone, so that this outcome is not its last.
  bool on_end(std::size_t index, const Outcome& outcome);

  // Nothing starts any more; what has not been played is left out for this reason.
  void stop(const std::string& reason);

  [[nodiscard]] bool done() const { return running_.empty() && waiting_.empty() && again_.empty(); }
  // Why a run was never played, or not again; empty for one that was.
  [[nodiscard]] const std::string& left_out(std::size_t index) const { return left_out_[index]; }
  // What was started and has not ended, in the order of starting.
  [[nodiscard]] std::vector<std::size_t> running() const;
  // Until everything is over, if every run takes as long as expected.
  [[nodiscard]] Duration remaining(Instant now) const;

 private:
  struct Running {
    std::size_t index = 0;
    Instant since;
  };
  void leave_out(std::size_t index, const std::string& reason);
  [[nodiscard]] bool fits_the_budget(std::size_t index, Instant now) const;
  void start(std::size_t index, Instant now);

  Settings settings_;
  std::vector<QueuedRun> runs_;
  Instant begin_;
  std::deque<std::size_t> waiting_;  // the longest first
  std::deque<std::size_t> again_;    // stalled once
  std::vector<Running> running_;
  std::vector<bool> played_again_;
  std::vector<std::string> left_out_;
  unsigned used_ = 0;
  bool alone_ = false;  // what runs now was started alone
};

}  // namespace halfopen

#include "harness/model/run_queue.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/assert.hpp"
#include "base/duration_text.hpp"

namespace halfopen {
namespace {

using std::chrono::milliseconds;

// Processes start, a first scrape round, processes end, events are read.
constexpr Duration kAround = milliseconds(1500);
// What a wait takes where the condition comes true at all.
constexpr Duration kWait = milliseconds(500);

struct ExpectedStep {
  Duration operator()(const WaitUntil& wait) const {
    return std::min<Duration>(wait.within, kWait);
  }
  Duration operator()(const IdleFor& idle) const { return idle.duration; }
  Duration operator()(const CastVotes& cast) const {
    return cast.every * static_cast<int>(cast.count > 0 ? cast.count - 1 : 0);
  }
  Duration operator()(const RestartNode& restart) const { return restart.down + milliseconds(300); }
  // All must be well for a second on end.
  Duration operator()(const Heal& heal) const {
    return std::min<Duration>(heal.within, kWait + milliseconds(1000));
  }
  template <class Action>
  Duration operator()(const Action&) const {
    return milliseconds(20);
  }
};

const std::string& step_of(const Window& window) {
  return window.since.empty() ? window.during : window.since;
}

}  // namespace

Duration expected_duration(const Scenario& scenario) {
  Duration at{};
  Duration end{};
  for (const Step& step : scenario.steps) {
    // A window may end after the last step.
    for (const Expectation& expectation : scenario.expectations) {
      const Window& window = expectation.window;
      if (window.within && step_of(window) == step.id) end = std::max(end, at + *window.within);
    }
    at += std::visit(ExpectedStep{}, step.action);
  }
  return kAround + std::max(at, end);
}

RunQueue::RunQueue(Settings settings, std::vector<QueuedRun> runs, Instant begin)
    : settings_(settings),
      runs_(std::move(runs)),
      begin_(begin),
      waiting_(runs_.size()),
      played_again_(runs_.size()),
      left_out_(runs_.size()) {
  std::iota(waiting_.begin(), waiting_.end(), std::size_t{0});
  std::stable_sort(waiting_.begin(), waiting_.end(), [this](std::size_t left, std::size_t right) {
    return runs_[left].expected > runs_[right].expected;
  });
}

bool RunQueue::fits_the_budget(std::size_t index, Instant now) const {
  return !settings_.time_budget || now + runs_[index].expected <= begin_ + *settings_.time_budget;
}

void RunQueue::leave_out(std::size_t index, const std::string& reason) {
  left_out_[index] = reason;
}

void RunQueue::start(std::size_t index, Instant now) {
  used_ += runs_[index].cost;
  running_.push_back({index, now});
}

std::optional<std::size_t> RunQueue::next(Instant now) {
  const auto over_budget = [this] {
    return "not run: would not have ended within the time budget of " +
           format_duration(*settings_.time_budget);
  };
  for (auto run = waiting_.begin(); run != waiting_.end();) {
    const std::size_t index = *run;
    if (!fits_the_budget(index, now)) {
      leave_out(index, over_budget());
      run = waiting_.erase(run);
      continue;
    }
    const bool fits = running_.empty() || used_ + runs_[index].cost <= settings_.units;
    if (alone_ || !fits) return std::nullopt;
    waiting_.erase(run);
    start(index, now);
    return index;
  }
  while (running_.empty() && !again_.empty()) {
    const std::size_t index = again_.front();
    again_.pop_front();
    if (!fits_the_budget(index, now)) {
      leave_out(index, over_budget());
      continue;
    }
    played_again_[index] = true;
    alone_ = true;
    start(index, now);
    return index;
  }
  return std::nullopt;
}

bool RunQueue::on_end(std::size_t index, const Outcome& outcome) {
  const auto ended = std::find_if(running_.begin(), running_.end(),
                                  [index](const Running& run) { return run.index == index; });
  HALFOPEN_ASSERT(ended != running_.end());
  running_.erase(ended);
  used_ -= runs_[index].cost;
  alone_ = false;
  if (outcome.stalled && !played_again_[index] && left_out_[index].empty()) {
    again_.push_back(index);
    return false;
  }
  if (outcome.failed && settings_.fail_fast) stop("not run: another had failed (--fail-fast)");
  return true;
}

void RunQueue::stop(const std::string& reason) {
  for (const std::size_t index : waiting_)
    leave_out(index, reason);
  for (const std::size_t index : again_)
    leave_out(index, reason);
  for (const Running& run : running_)
    played_again_[run.index] = true;  // however it ends, it is not played again
  waiting_.clear();
  again_.clear();
}

std::vector<std::size_t> RunQueue::running() const {
  std::vector<std::size_t> indexes;
  for (const Running& run : running_)
    indexes.push_back(run.index);
  return indexes;
}

// Work that is left over the units there are, and never less than the longest of what is left.
Duration RunQueue::remaining(Instant now) const {
  double unit_seconds = 0;
  Duration longest{};
  const auto add = [&](std::size_t index, Duration left) {
    unit_seconds += to_seconds(left) * runs_[index].cost;
    longest = std::max(longest, left);
  };
  for (const std::size_t index : waiting_)
    add(index, runs_[index].expected);
  for (const Running& run : running_) {
    add(run.index, std::max<Duration>(Duration{}, run.since + runs_[run.index].expected - now));
  }
  Duration total = std::max(
      longest, std::chrono::duration_cast<Duration>(
                   std::chrono::duration<double>(unit_seconds / std::max(1U, settings_.units))));
  for (const std::size_t index : again_)
    total += runs_[index].expected;
  return total;
}

}  // namespace halfopen

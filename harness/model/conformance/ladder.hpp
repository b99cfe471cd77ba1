// What a ladder of silences proves about when a mapping ends.
//
// Intuition: nobody can ask a NAT when it forgot, but a packet that passed was in time, and one
// that was swallowed was late. A rung is one connection: its last packet left and its next packet
// came at times that are known only to lie in an interval, so its silence lies in one too. Only
// rungs whose whole interval is on one side of a bound prove anything.
#pragma once

#include <string>
#include <vector>

#include "base/time.hpp"
#include "harness/model/conformance/case.hpp"

namespace halfopen::conformance {

struct Rung {
  Duration idle_min{};
  Duration idle_max{};
  bool passed = false;
  // The machine stood still when this rung's last packet left or its mapping was to end: that it
  // passed late says nothing of the middlebox, which may have stood still as well.
  bool disturbed = false;
};

// Fewer undisturbed rungs beyond the bound prove too little; the ladder is then tried again.
inline constexpr unsigned kRungsLateMin = 3;

// How exactly this world's middlebox can tell time.
struct Granularity {
  // It may forget this much early: a clock that ticks in jiffies counts a part of one as whole.
  Duration early{};
  // How often it looks: it may forget this much late, beside the case's own bound.
  Duration late{};
};

struct LadderJudgement {
  std::vector<Cell> cells;         // "never early", "never late"
  unsigned certainly_overdue = 0;  // rungs that would have shown a late end
  std::vector<std::string> notes;  // the longest silence that passed, the shortest swallowed
};

[[nodiscard]] LadderJudgement judge_ladder(const LadderSpec& spec, const std::vector<Rung>& rungs,
                                           const Granularity& granularity);

}  // namespace halfopen::conformance

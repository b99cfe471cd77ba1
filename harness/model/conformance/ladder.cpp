#include "harness/model/conformance/ladder.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>

namespace halfopen::conformance {
namespace {

std::string milliseconds_text(Duration duration) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f ms", to_seconds(duration) * 1e3);
  return text.data();
}

std::string interval_text(const Rung& rung) {
  return milliseconds_text(rung.idle_min) + " to " + milliseconds_text(rung.idle_max);
}

// "yes", "yes" only if there was somebody to prove it.
std::string answer(unsigned proofs, const std::vector<std::string>& against) {
  if (!against.empty()) return "no: " + against.front();
  return proofs == 0 ? "not proven: no connection's silence is certain enough" : "yes";
}

}  // namespace

LadderJudgement judge_ladder(const LadderSpec& spec, const std::vector<Rung>& rungs,
                             const Granularity& granularity) {
  const Duration in_time = spec.idle_timeout - granularity.early;
  const Duration overdue = spec.idle_timeout + spec.late_max + granularity.late;
  std::vector<std::string> early;
  std::vector<std::string> late;
  unsigned certainly_in_time = 0;
  unsigned certainly_overdue = 0;
  const Rung* longest_passed = nullptr;
  const Rung* shortest_swallowed = nullptr;
  for (const Rung& rung : rungs) {
    if (rung.passed && (longest_passed == nullptr || rung.idle_max > longest_passed->idle_max)) {
      longest_passed = &rung;
    }
    if (!rung.passed &&
        (shortest_swallowed == nullptr || rung.idle_min < shortest_swallowed->idle_min)) {
      shortest_swallowed = &rung;
    }
    if (rung.idle_max < in_time) {
      ++certainly_in_time;
      if (!rung.passed) early.push_back("swallowed after " + interval_text(rung));
    }
    if (rung.idle_min > overdue && !rung.disturbed) {
      ++certainly_overdue;
      if (rung.passed) late.push_back("passed after " + interval_text(rung));
    }
  }
  LadderJudgement judgement;
  judgement.cells = {{"never early", answer(certainly_in_time, early)},
                     {"never late", answer(certainly_overdue, late)}};
  judgement.certainly_overdue = certainly_overdue;
  judgement.notes = {
      "longest silence that passed: " +
          (longest_passed == nullptr ? "none" : interval_text(*longest_passed)),
      "shortest that was swallowed: " +
          (shortest_swallowed == nullptr ? "none" : interval_text(*shortest_swallowed)),
      std::to_string(rungs.size()) + " connections: " + std::to_string(certainly_in_time) +
          " were certainly silent for less than " + milliseconds_text(in_time) + ", " +
          std::to_string(certainly_overdue) + " for more than " + milliseconds_text(overdue)};
  return judgement;
}

}  // namespace halfopen::conformance

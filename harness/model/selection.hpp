// Which of the planned runs are played: --filter by name, --tags by what a scenario says of itself.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "harness/model/plan.hpp"

namespace halfopen {

struct Selection {
  // Patterns (glob.hpp) of scenario names, which stand for all runs of theirs, or of run ids.
  // None: every run.
  std::vector<std::string> filters;
  // A scenario with any of these is chosen, unless it has one that is given as "!tag". Only such
  // given: everything without them. None: every scenario.
  std::vector<std::string> tags;
  // Exactly these runs by their ids, or one repetition of theirs: "name", "name[cause=drop]#2".
  // With any given, the words above choose nothing.
  std::vector<std::string> runs;
};

struct ChosenRun {
  std::size_t plan = 0;
  std::size_t run = 0;
  std::optional<unsigned> repetition{};  // only this one, from 0
};

// In the plans' order. Problems: a pattern that matches nothing and a tag that no scenario has,
// with the nearest name; nothing left to play.
[[nodiscard]] Result<std::vector<ChosenRun>> choose_runs(const std::vector<const Plan*>& plans,
                                                         const Selection& selection);

}  // namespace halfopen

// Everything that an invocation of `halfopen run` ended with, as every report needs it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "harness/model/plan.hpp"
#include "harness/shell/run_result.hpp"

namespace halfopen {

struct PlanResults {
  const Plan* plan = nullptr;
  std::vector<RunResult> runs;  // of each run of the plan that was chosen, in the plan's order,
                                // repetitions one after another
  // The first result of the plan's run of this index; nullptr where it was not chosen.
  [[nodiscard]] const RunResult* find(std::size_t plan_run) const;
};

struct RunSummary {
  std::vector<PlanResults> plans;
  std::string directory;  // where the runs' folders are
  std::string world;      // "proxy", "kernel"
  std::uint64_t seed = 0;
  double seconds = 0;
  bool was_interrupted = false;
};

struct VerdictCounts {
  unsigned passed = 0;
  unsigned failed = 0;
  unsigned inconclusive = 0;
};
[[nodiscard]] VerdictCounts count_verdicts(const RunSummary& summary);

// The exit status that the results stand for (exit_code.hpp).
[[nodiscard]] int exit_status(const RunSummary& summary);

// The command that plays one run again, as a shell takes it. `common` is how the invocation began:
// the program, "run" and the options that change what runs.
struct CommandParts {
  std::string program;
  std::vector<std::string> options;  // as they are typed, already quoted
};
[[nodiscard]] std::string repeat_command(const CommandParts& common, const Plan& plan,
                                         const RunResult& run, std::uint64_t seed);

// A word as a POSIX shell takes it: in quotes only where it needs them.
[[nodiscard]] std::string shell_word(const std::string& word);

}  // namespace halfopen

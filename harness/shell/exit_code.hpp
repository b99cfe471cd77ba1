// What halfopen's exit status means (ARCHITECTURE.md lists them too).
#pragma once

#include <vector>

#include "base/result.hpp"

namespace halfopen {

enum ExitCode : int {
  kExitPass = 0,
  kExitFail = 1,
  kExitInconclusive = 2,
  kExitBadInput = 64,
  kExitInternal = 70,
  kExitInterrupted = 130,
};

// Each on a line of its own on standard error. Answers kExitBadInput.
int complain(const std::vector<Problem>& problems);

// The last thing that a command does: `status`, or kExitInternal with a word on standard error when
// not all of standard output could be written. A verdict that nobody can read is none.
[[nodiscard]] int after_output(int status);

}  // namespace halfopen

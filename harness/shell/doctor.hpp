// `halfopen doctor`: each ability of this machine, with its remedy.
#pragma once

namespace halfopen {

// Prints a table. 0: everything works; 2: something is missing, so that some scenarios would be
// INCONCLUSIVE here.
[[nodiscard]] int run_doctor();

}  // namespace halfopen

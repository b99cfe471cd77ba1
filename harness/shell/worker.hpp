// One run, in a process and namespaces of its own. The worker is PID 1 there: when it ends, or is
// killed, everything that it started is gone.
//
// It reads its scenario again from the snapshot in the run directory (planning is deterministic),
// and writes JSON lines to standard output: {"type": "step", ...} as it goes, and one
// {"type": "result", ...} at the end (run_result.hpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "harness/worlds/world.hpp"

namespace halfopen {

struct WorkerArguments {
  std::string text_path;      // the snapshot
  std::string original_name;  // what errors call the file
  std::map<std::string, std::string> variables;
  std::size_t run_index = 0;
  std::string directory;
  int parent = 0;  // the coordinator's pid
  WorldKind world = WorldKind::kProxy;
  std::string captures;  // where captures go; empty: none
  std::uint64_t seed = 0;
  bool keep = false;  // everything stays up after the verdict, until the worker is killed
};

// Answers the process's exit status: 0 when a result was written.
[[nodiscard]] int run_worker(const WorkerArguments& arguments);

}  // namespace halfopen

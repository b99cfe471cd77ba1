// One case in one world, in a process and namespaces of its own (worker.hpp of the folder above
// says why). It writes its Observation as "observation.json" into its directory.
#pragma once

#include <string>

#include "harness/worlds/world.hpp"

namespace halfopen::conformance {

inline constexpr const char* kObservationFile = "observation.json";

struct WorkerArguments {
  std::string case_id;
  WorldKind world = WorldKind::kProxy;
  std::string directory;
  int parent = 0;  // the coordinator's pid
};

// Answers the process's exit status: 0 when an observation was written.
[[nodiscard]] int run_worker(const WorkerArguments& arguments);

}  // namespace halfopen::conformance

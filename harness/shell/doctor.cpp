#include "harness/shell/doctor.hpp"

#include <unistd.h>

#include <cstdio>
#include <string>

#include "harness/shell/abilities.hpp"
#include "harness/shell/exit_code.hpp"
#include "harness/shell/namespace.hpp"
#include "harness/shell/run_directory.hpp"

namespace halfopen {
namespace {

void print(const Ability& ability) {
  std::printf("  %-4s %-12s %s\n", ability.works ? "ok" : "NO", ability.name.c_str(),
              ability.what.c_str());
  if (!ability.works || ability.found != "works") {
    std::printf("       %-12s   found: %s\n", "", ability.found.c_str());
  }
  if (!ability.works) std::printf("       %-12s   remedy: %s\n", "", ability.remedy.c_str());
}

int print_all(const std::string& directory) {
  bool all_work = true;
  const auto ambient = raise_ambient_network_capabilities();
  Ability kept{"capabilities", "CAP_NET_ADMIN that survives exec, inside the run's namespaces",
               ambient.has_value(), ambient.has_value() ? "works" : ambient.error().text,
               "run as root, or allow unprivileged user namespaces to keep their capabilities"};
  print(kept);
  all_work = kept.works;
  for (const Ability& ability : try_abilities(directory)) {
    print(ability);
    all_work = all_work && ability.works;
  }
  std::printf(all_work ? "\nEvery fault can be produced on this machine.\n"
                       : "\nScenarios that need what is missing will be INCONCLUSIVE here, never "
                         "passed.\n");
  return after_output(all_work ? kExitPass : kExitInconclusive);
}

}  // namespace

int run_doctor() {
  const auto directory = make_temporary_directory();
  if (directory.has_error()) {
    std::fprintf(stderr, "halfopen: %s\n", directory.error().text.c_str());
    return kExitInternal;
  }
  std::printf("Tried on this machine, as uid %u:\n", ::geteuid());
  const std::string& path = *directory;
  // Before there are two processes, each with what has not been written yet.
  if (const int status = after_output(kExitPass); status != kExitPass) {
    remove_directory(path);
    return status;
  }
  const auto outcome = run_in_private_world([&path] { return print_all(path); });
  remove_directory(path);
  if (outcome.has_error()) {
    print({"namespaces", "private pid, network and mount namespaces for each run", false,
           outcome.error().text, "see above; without them no scenario can run here"});
    return after_output(kExitInconclusive);
  }
  return *outcome;
}

}  // namespace halfopen

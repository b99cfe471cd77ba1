// `halfopen run --keep`: a lab that stays up after its verdict, and the way into it.
//
// The worker waits with everything running; whoever wants to look joins its namespaces with
// nsenter(1), which every Debian has. When the worker is killed the lab is gone, as ever.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "harness/shell/process.hpp"
#include "harness/shell/run_result.hpp"

namespace halfopen {

struct KeptProcess {
  std::string name;
  int pid = 0;                   // inside the lab
  std::string http;              // where its metrics and its API are; empty for none
  bool has_own_network = false;  // a network namespace beside the lab's (kernel world)
};

struct KeptLab {
  RunResult result;  // the verdict
  int pid = 0;       // of the lab's first process, as the coordinator sees it
  std::vector<KeptProcess> processes;
};

// The worker's line, {"type": "kept", ...}, and back. `pid` is not in it.
[[nodiscard]] boost::json::object to_json(const KeptLab& lab);
[[nodiscard]] Result<KeptLab> kept_lab_from_json(const boost::json::object& object);

// The process that `worker` became in its own pid namespace: its only child.
[[nodiscard]] int first_child_of(int worker);

// What is up, where, and the command that enters it.
[[nodiscard]] std::string kept_lab_text(const KeptLab& lab, const std::string& directory);

// A shell ($SHELL, else sh) inside, on this terminal. `on_end` is told why when it could not be
// started, and "" when it ended.
[[nodiscard]] std::unique_ptr<Process> open_lab_shell(
    boost::asio::io_context& context, const KeptLab& lab, const std::string& directory,
    std::function<void(const std::string& trouble)> on_end);

}  // namespace halfopen

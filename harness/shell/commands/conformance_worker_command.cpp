// What `halfopen conformance` executes for each case and world.
#include <CLI/CLI.hpp>

#include "harness/shell/commands/command.hpp"
#include "harness/shell/commands/options.hpp"
#include "harness/shell/conformance/worker.hpp"

namespace halfopen {
namespace {

class ConformanceWorkerCommand : public Command {
 public:
  explicit ConformanceWorkerCommand(CLI::App& app) {
    command_ = app.add_subcommand("conformance-worker", "");
    command_->group("");  // not for people
    command_->add_option("--case", arguments_.case_id)->required();
    command_->add_option("--directory", arguments_.directory)->required();
    command_->add_option("--parent", arguments_.parent)->required();
    add_world(command_, arguments_.world);
  }

  int run(const std::string& /*program*/) override { return conformance::run_worker(arguments_); }

 private:
  conformance::WorkerArguments arguments_;
};

}  // namespace

std::unique_ptr<Command> make_conformance_worker_command(CLI::App& app) {
  return std::make_unique<ConformanceWorkerCommand>(app);
}

}  // namespace halfopen

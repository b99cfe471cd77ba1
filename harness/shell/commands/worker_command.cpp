// What `halfopen run` executes for each run.
#include <CLI/CLI.hpp>

#include "harness/shell/commands/command.hpp"
#include "harness/shell/commands/options.hpp"
#include "harness/shell/worker.hpp"

namespace halfopen {
namespace {

class WorkerCommand : public Command {
 public:
  explicit WorkerCommand(CLI::App& app) {
    command_ = app.add_subcommand("worker", "");
    command_->group("");  // not for people
    command_->add_option("--text", arguments_.text_path)->required();
    command_->add_option("--name", arguments_.original_name)->required();
    command_->add_option("--index", arguments_.run_index)->required();
    command_->add_option("--directory", arguments_.directory)->required();
    command_->add_option("--parent", arguments_.parent)->required();
    command_->add_option("--pcap", arguments_.captures);
    command_->add_option("--seed", arguments_.seed)->required();
    command_->add_flag("--keep", arguments_.keep);
    add_world(command_, arguments_.world);
    add_variables(command_, variable_texts_);
  }

  int run(const std::string& /*program*/) override {
    arguments_.variables = variables_of(variable_texts_);
    return run_worker(arguments_);
  }

 private:
  WorkerArguments arguments_;
  std::vector<std::string> variable_texts_;
};

}  // namespace

std::unique_ptr<Command> make_worker_command(CLI::App& app) {
  return std::make_unique<WorkerCommand>(app);
}

}  // namespace halfopen

// `halfopen run`
#include <CLI/CLI.hpp>

#include "harness/shell/commands/command.hpp"
#include "harness/shell/commands/options.hpp"
#include "harness/shell/coordinator.hpp"

namespace halfopen {
namespace {

class RunCommand : public Command {
 public:
  explicit RunCommand(CLI::App& app) {
    command_ = app.add_subcommand("run", "Run scenarios and judge them");
    command_->footer(kRunStatus);
    add_scenario_files(command_, settings_.files);
    add_variables(command_, variable_texts_);
    command_->add_option("--junit", settings_.junit_path, "Also write JUnit XML to this file");
    command_->add_option("--out", settings_.directory,
                         "Where logs, events and configurations go (default: halfopen-runs/...)");
    add_world(command_, settings_.world);
    command_->add_option("--pcap", settings_.captures,
                         "Also capture every link into this folder: RUN/LINK.pcap and its events; "
                         "RUN must not be there yet");
    command_
        ->add_option("--jobs", settings_.jobs,
                     "How many units of cost run side by side (default: six a core)")
        ->check(CLI::Range(1U, 1000U));
  }

  [[nodiscard]] bool parsed() const override { return command_->parsed(); }

  int run(const std::string& program) override {
    settings_.program = program;
    settings_.variables = variables_of(variable_texts_);
    return run_scenarios(settings_);
  }

 private:
  CLI::App* command_ = nullptr;
  RunSettings settings_;
  std::vector<std::string> variable_texts_;
};

}  // namespace

std::unique_ptr<Command> make_run_command(CLI::App& app) {
  return std::make_unique<RunCommand>(app);
}

}  // namespace halfopen

// `halfopen list`
#include <CLI/CLI.hpp>

#include "harness/shell/commands/command.hpp"
#include "harness/shell/scenario_files.hpp"

namespace halfopen {
namespace {

constexpr const char* kListHelp =
    "Nothing is started: RUNS counts matrix cells, controls and repetitions; AT MOST is the "
    "longest\n"
    "that a run's steps can take when every wait goes to its limit.\n"
    "Try: halfopen list scenarios/regression\n"
    "     halfopen list scenarios/regression --json | jq -r '.[] | select(.cost > 2) | .name'\n"
    "Exit status:\n"
    "  0    every file is listed\n"
    "  64   bad input: a file (each is named), an option\n"
    "  70   standard output could not be written";

class ListCommand : public Command {
 public:
  explicit ListCommand(CLI::App& app) {
    command_ = app.add_subcommand("list", "List scenarios: what each claims and costs");
    command_->footer(kListHelp);
    command_->add_option(
        "FILE", files_, "Scenario files, or folders of .yaml or .yml files (default: this folder)");
    command_->add_flag("--json", as_json_, "As a JSON array, with the whole claims");
  }

  int run(const std::string& /*program*/) override {
    if (files_.empty()) files_.emplace_back(".");
    return list_scenarios(files_, as_json_);
  }

 private:
  std::vector<std::string> files_;
  bool as_json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_list_command(CLI::App& app) {
  return std::make_unique<ListCommand>(app);
}

}  // namespace halfopen

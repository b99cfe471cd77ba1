// `halfopen validate`
#include <CLI/CLI.hpp>

#include "harness/shell/commands/command.hpp"
#include "harness/shell/commands/options.hpp"
#include "harness/shell/validation.hpp"

namespace halfopen {
namespace {

constexpr const char* kValidateStatus =
    "Every file is checked, and each that is not good gets one line: where, what was expected.\n"
    "Try: halfopen validate scenarios/regression\n"
    "     halfopen validate mine.yaml --var nat=5s --world kernel\n"
    "Exit status:\n"
    "  0    every file is good\n"
    "  2    the files are good, and the world cannot be what one of them asks for\n"
    "  64   bad input: a file (each is named), an option\n"
    "  70   a bug of ours, or standard output could not be written";

class ValidateCommand : public Command {
 public:
  explicit ValidateCommand(CLI::App& app) {
    command_ = app.add_subcommand("validate", "Check scenario files without running them");
    command_->footer(kValidateStatus);
    add_scenario_files(command_, files_);
    add_variables(command_, variable_texts_);
    add_world(command_, world_);
  }

  int run(const std::string& /*program*/) override {
    return validate_scenarios(files_, variables_of(variable_texts_), world_);
  }

 private:
  std::vector<std::string> files_;
  WorldKind world_ = WorldKind::kProxy;
  std::vector<std::string> variable_texts_;
};

}  // namespace

std::unique_ptr<Command> make_validate_command(CLI::App& app) {
  return std::make_unique<ValidateCommand>(app);
}

}  // namespace halfopen

// `halfopen explain`
#include <CLI/CLI.hpp>

#include "harness/shell/commands/command.hpp"
#include "harness/shell/commands/options.hpp"
#include "harness/shell/explain.hpp"

namespace halfopen {
namespace {

constexpr const char* kExplainHelp =
    "Works out, before anything runs, whether each connection of a scenario survives its idle\n"
    "times, what would find its death and by when, and which times race each other.\n"
    "Try: halfopen explain scenarios/regression/keepalive-slower-than-mapping.yaml\n"
    "     halfopen run FILE --out DIR; halfopen explain FILE --run DIR\n"
    "Exit status:\n"
    "  0    explained\n"
    "  1    with --run: a measurement disagrees with its prediction\n"
    "  64   bad input: a file, an option\n"
    "  70   a bug of ours, or standard output could not be written";

class ExplainCommand : public Command {
 public:
  explicit ExplainCommand(CLI::App& app) {
    command_ = app.add_subcommand(
        "explain", "Predict which connections of a scenario die, of what, and who finds it");
    command_->footer(kExplainHelp);
    add_scenario_files(command_, settings_.files);
    add_variables(command_, variable_texts_);
    command_->add_flag("--all", settings_.every_run_in_full,
                       "Explain every run in full, not only the main one");
    command_->add_flag("--json", settings_.as_json, "Print JSON");
    command_->add_option("--run", settings_.run_directory,
                         "The folder of a finished run (halfopen run --out): print what was "
                         "measured beside what is predicted");
  }

  int run(const std::string& /*program*/) override {
    settings_.variables = variables_of(variable_texts_);
    return explain_scenarios(settings_);
  }

 private:
  ExplainSettings settings_;
  std::vector<std::string> variable_texts_;
};

}  // namespace

std::unique_ptr<Command> make_explain_command(CLI::App& app) {
  return std::make_unique<ExplainCommand>(app);
}

}  // namespace halfopen

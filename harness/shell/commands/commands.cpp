// The subcommands, in the order of `halfopen --help`.
#include <CLI/CLI.hpp>

#include "harness/shell/commands/command.hpp"

namespace halfopen {

bool Command::parsed() const {
  return command_->parsed();
}

std::vector<std::unique_ptr<Command>> make_commands(CLI::App& app) {
  std::vector<std::unique_ptr<Command>> commands;
  commands.push_back(make_run_command(app));
  commands.push_back(make_validate_command(app));
  commands.push_back(make_report_command(app));
  commands.push_back(make_list_command(app));
  commands.push_back(make_fmt_command(app));
  commands.push_back(make_schema_command(app));
  commands.push_back(make_doctor_command(app));
  commands.push_back(make_explain_command(app));
  commands.push_back(make_advise_command(app));
  commands.push_back(make_diagnose_command(app));
  commands.push_back(make_profiles_command(app));
  commands.push_back(make_conformance_command(app));
  commands.push_back(make_worker_command(app));
  commands.push_back(make_conformance_worker_command(app));
  return commands;
}

}  // namespace halfopen

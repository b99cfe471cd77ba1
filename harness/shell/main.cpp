// halfopen: runs scenarios against nodes, judges them, and explains what died, when and why.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <optional>
#include <string>
#include <vector>

#include "base/near_name.hpp"
#include "harness/shell/commands/command.hpp"
#include "harness/shell/commands/options.hpp"
#include "harness/shell/exit_code.hpp"

namespace halfopen {
namespace {

// Those that are for people, or all.
std::vector<std::string> command_names(const CLI::App& app, bool for_people) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) {
    if (!for_people || !command->get_group().empty()) names.push_back(command->get_name());
  }
  return names;
}

// CLI11 would say of a misspelt subcommand that an argument was not expected. Nothing but flags
// may stand before it, so it is the first argument that is not one.
std::optional<std::string> subcommand_trouble(const CLI::App& app, int argc, char** argv) {
  const auto for_people = command_names(app, true);
  const auto all = command_names(app, false);
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word.rfind('-', 0) == 0) continue;
    if (std::find(all.begin(), all.end(), word) != all.end()) return std::nullopt;
    return "unknown subcommand \"" + word + "\"; " + expected_names(word, for_people);
  }
  if (argc > 1) return std::nullopt;
  return "a subcommand is missing; " + expected_names("", for_people) + " (halfopen --help)";
}

// The command that was called, or the application itself.
const CLI::App& called_of(const CLI::App& app) {
  const auto commands = app.get_subcommands();
  return commands.empty() ? app : *commands.front();
}

std::vector<std::string> option_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames())
      names.push_back("--" + name);
  }
  return names;
}

// CLI11 says of both that "the following argument was not expected".
std::string extra_message(const CLI::App& command, const std::string& word) {
  if (word.rfind('-', 0) != 0) return "\"" + word + "\": expected no argument here";
  const std::string name = word.substr(0, word.find('='));
  const std::string near = near_name(name, option_names(command));
  return "unknown option \"" + name + "\"" +
         (near.empty() ? std::string() : "; did you mean \"" + near + "\"?");
}

std::string failure_message(const CLI::App* app, const CLI::Error& error) {
  const CLI::App& called = called_of(*app);
  const std::string command = &called == app ? "" : " " + called.get_name();
  std::string what = error.what();
  const auto extras = app->remaining(true);
  const bool has_extras = error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError) ||
                          (&called == app && !extras.empty());
  if (has_extras && !extras.empty()) what = extra_message(called, extras.front());
  return "halfopen: " + what + " (halfopen" + command + " --help)\n";
}

int run(int argc, char** argv) {
  CLI::App app{
      "Reproduces, explains and guards against long-lived TCP connections that die while idle."};
  app.name("halfopen");
  app.set_version_flag("--version", "halfopen " HALFOPEN_VERSION);
  app.require_subcommand(1);
  app.failure_message(failure_message);
  app.footer(std::string(kRunStatus) +
             "\n"
             "Start with: halfopen doctor\n"
             "      then: halfopen run scenarios/incidents/2025-11-29-idle-broken-pipe.yaml");
  const auto commands = make_commands(app);
  if (const auto trouble = subcommand_trouble(app, argc, argv)) {
    std::fprintf(stderr, "halfopen: %s\n", trouble->c_str());
    return kExitBadInput;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? after_output(kExitPass) : kExitBadInput;
  }
  const auto called = std::find_if(commands.begin(), commands.end(),
                                   [](const auto& command) { return command->parsed(); });
  return (*called)->run(argv[0]);
}

}  // namespace
}  // namespace halfopen

int main(int argc, char** argv) {
  try {
    return halfopen::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "halfopen: internal error: %s\n", error.what());
    return halfopen::kExitInternal;
  }
}

// `halfopen profiles`
#include <CLI/CLI.hpp>

#include "harness/shell/commands/command.hpp"
#include "harness/shell/profile_list.hpp"

namespace halfopen {
namespace {

constexpr const char* kListStatus =
    "Exit status:\n"
    "  0    printed\n"
    "  64   bad input: an option\n"
    "  70   standard output could not be written";

class ProfilesCommand : public Command {
 public:
  explicit ProfilesCommand(CLI::App& app) {
    command_ = app.add_subcommand(
        "profiles", "List the middleboxes that a scenario can name, with their sources");
    command_->footer(kListStatus);
  }

  int run(const std::string& /*program*/) override { return list_profiles(); }
};

}  // namespace

std::unique_ptr<Command> make_profiles_command(CLI::App& app) {
  return std::make_unique<ProfilesCommand>(app);
}

}  // namespace halfopen

// `halfopen fmt`
#include <CLI/CLI.hpp>

#include "harness/shell/commands/command.hpp"
#include "harness/shell/commands/options.hpp"
#include "harness/shell/scenario_files.hpp"

namespace halfopen {
namespace {

constexpr const char* kFormatHelp =
    "Comments and the author's own line breaks stay. The keys at the top come into the order of\n"
    "the language, each with the comments above it; comments at the beginning and at the end of "
    "the\n"
    "file stay there. List items at the margin come two further in; all other indentation stays.\n"
    "Spaces at line ends and empty lines in a row go. A change that would change the meaning is "
    "not made.\n"
    "Try: halfopen fmt --check scenarios/regression\n"
    "     halfopen fmt --write mine.yaml\n"
    "Exit status:\n"
    "  0    done; with --check: every file is laid out so\n"
    "  1    with --check: a file is not (each is named)\n"
    "  64   bad input: a file that is no YAML, an option\n"
    "  70   standard output could not be written";

class FormatCommand : public Command {
 public:
  explicit FormatCommand(CLI::App& app) {
    command_ = app.add_subcommand("fmt", "Lay scenario files out in one way");
    command_->footer(kFormatHelp);
    add_scenario_files(command_, files_);
    auto* check = command_->add_flag("--check", check_, "Change nothing; name what would change");
    command_->add_flag("--write", write_, "Write the files (default: print them)")->excludes(check);
  }

  int run(const std::string& /*program*/) override {
    return format_scenarios(files_, check_   ? FormatMode::kCheck
                                    : write_ ? FormatMode::kWrite
                                             : FormatMode::kPrint);
  }

 private:
  std::vector<std::string> files_;
  bool check_ = false;
  bool write_ = false;
};

}  // namespace

std::unique_ptr<Command> make_fmt_command(CLI::App& app) {
  return std::make_unique<FormatCommand>(app);
}

}  // namespace halfopen

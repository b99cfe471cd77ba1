// `halfopen schema`
#include <CLI/CLI.hpp>

#include "harness/shell/commands/command.hpp"
#include "harness/shell/scenario_files.hpp"

namespace halfopen {
namespace {

constexpr const char* kSchemaHelp =
    "JSON Schema, draft 2020-12. Editors with the YAML language server complete and check by it,\n"
    "with this line in a scenario file:\n"
    "     # yaml-language-server: $schema=scenario.schema.json\n"
    "Try: halfopen schema > scenario.schema.json\n"
    "A schema cannot know that a name exists or that a condition parses: halfopen validate does.\n"
    "Exit status:\n"
    "  0    printed\n"
    "  64   bad input: an option\n"
    "  70   standard output could not be written";

class SchemaCommand : public Command {
 public:
  explicit SchemaCommand(CLI::App& app) {
    command_ = app.add_subcommand("schema", "Print the JSON Schema of scenario files, for editors");
    command_->footer(kSchemaHelp);
  }

  int run(const std::string& /*program*/) override { return print_schema(); }
};

}  // namespace

std::unique_ptr<Command> make_schema_command(CLI::App& app) {
  return std::make_unique<SchemaCommand>(app);
}

}  // namespace halfopen

// One subcommand of halfopen: what its command line is, and what it does.
//
// A command adds itself to the application when it is made, and says after parsing whether it is
// the one that was called. commands.cpp lists them in the order of `halfopen --help`; a new
// subcommand is a file here and a line there.
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace halfopen {

class Command {
 public:
  Command() = default;
  virtual ~Command() = default;
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;

  [[nodiscard]] bool parsed() const;
  // Answers the exit status. `program` is halfopen as the user called it.
  virtual int run(const std::string& program) = 0;

 protected:
  CLI::App* command_ = nullptr;  // its part of the command line: added by its constructor
};

// In the order of `halfopen --help`.
[[nodiscard]] std::vector<std::unique_ptr<Command>> make_commands(CLI::App& app);

[[nodiscard]] std::unique_ptr<Command> make_run_command(CLI::App& app);
[[nodiscard]] std::unique_ptr<Command> make_validate_command(CLI::App& app);
[[nodiscard]] std::unique_ptr<Command> make_report_command(CLI::App& app);
[[nodiscard]] std::unique_ptr<Command> make_list_command(CLI::App& app);
[[nodiscard]] std::unique_ptr<Command> make_fmt_command(CLI::App& app);
[[nodiscard]] std::unique_ptr<Command> make_schema_command(CLI::App& app);
[[nodiscard]] std::unique_ptr<Command> make_doctor_command(CLI::App& app);
[[nodiscard]] std::unique_ptr<Command> make_explain_command(CLI::App& app);
[[nodiscard]] std::unique_ptr<Command> make_advise_command(CLI::App& app);
[[nodiscard]] std::unique_ptr<Command> make_diagnose_command(CLI::App& app);
[[nodiscard]] std::unique_ptr<Command> make_profiles_command(CLI::App& app);
[[nodiscard]] std::unique_ptr<Command> make_conformance_command(CLI::App& app);
// Not for people: what the commands above execute for each run and case.
[[nodiscard]] std::unique_ptr<Command> make_worker_command(CLI::App& app);
[[nodiscard]] std::unique_ptr<Command> make_conformance_worker_command(CLI::App& app);

}  // namespace halfopen

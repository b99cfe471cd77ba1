// `halfopen doctor`
#include <CLI/CLI.hpp>

#include "harness/shell/commands/command.hpp"
#include "harness/shell/doctor.hpp"

namespace halfopen {
namespace {

constexpr const char* kDoctorStatus =
    "Exit status:\n"
    "  0    every fault can be produced on this machine\n"
    "  2    something is missing: the remedy is printed\n"
    "  64   bad input: an option\n"
    "  70   a bug of ours, or standard output could not be written";

class DoctorCommand : public Command {
 public:
  explicit DoctorCommand(CLI::App& app) {
    command_ = app.add_subcommand(
        "doctor", "Try what this machine can do, and say how to mend what it cannot");
    command_->footer(kDoctorStatus);
  }

  int run(const std::string& /*program*/) override { return run_doctor(); }
};

}  // namespace

std::unique_ptr<Command> make_doctor_command(CLI::App& app) {
  return std::make_unique<DoctorCommand>(app);
}

}  // namespace halfopen

// `halfopen report`
#include <CLI/CLI.hpp>
#include <cstdio>

#include "harness/shell/commands/command.hpp"
#include "harness/shell/exit_code.hpp"
#include "harness/shell/report/html.hpp"

namespace halfopen {
namespace {

constexpr const char* kReportStatus =
    "Exit status:\n"
    "  0    written; its path is printed\n"
    "  64   bad input: not the folder of a run, a file that cannot be written, an option\n"
    "  70   standard output could not be written";

class ReportCommand : public Command {
 public:
  explicit ReportCommand(CLI::App& app) {
    command_ = app.add_subcommand("report", "Make report.html anew from the folder of a run");
    command_->footer(kReportStatus);
    command_->add_option("DIR", directory_, "What `halfopen run` left: halfopen-runs/...")
        ->required();
    command_->add_option("--out", out_, "Where the report goes (default: DIR/report.html)");
  }

  int run(const std::string& /*program*/) override {
    const auto made =
        make_html_report(directory_, out_.empty() ? directory_ + "/report.html" : out_);
    if (made.has_error()) {
      std::fprintf(stderr, "halfopen: %s\n", made.error().text.c_str());
      return kExitBadInput;
    }
    std::printf("%s\n", made->c_str());
    return after_output(kExitPass);
  }

 private:
  std::string directory_;
  std::string out_;
};

}  // namespace

std::unique_ptr<Command> make_report_command(CLI::App& app) {
  return std::make_unique<ReportCommand>(app);
}

}  // namespace halfopen

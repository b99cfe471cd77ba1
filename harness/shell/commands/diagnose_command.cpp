// `halfopen diagnose`
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <cstddef>
#include <cstdio>

#include "harness/model/triage/triage_text.hpp"
#include "harness/shell/commands/command.hpp"
#include "harness/shell/exit_code.hpp"
#include "harness/shell/run_directory.hpp"

namespace halfopen {
namespace {

constexpr const char* kDiagnoseHelp =
    "Reads a log excerpt of any program, what ss -tino, netstat -nto, strace, tcpdump or\n"
    "conntrack -E printed, or what successive sends said, and ranks the causes that fit, with the\n"
    "evidence for and against each and what would decide.\n"
    "Try: journalctl -u SERVICE --since -1h | halfopen diagnose -\n"
    "     halfopen diagnose --errnos OK,EPIPE\n"
    "     ss -tino | halfopen diagnose -\n"
    "Exit status:\n"
    "  0    one cause is likely\n"
    "  2    cannot tell: several fit equally, or none is known\n"
    "  64   bad input: a file, an option\n"
    "  70   a bug of ours, or standard output could not be written";

// The end of it, however long it is: that is where somebody's trouble stands.
Result<Excerpt> read_standard_input() {
  constexpr std::size_t kTextMax = std::size_t{4} << 20U;
  constexpr std::size_t kTextKept = std::size_t{2} << 20U;
  std::string text;
  std::size_t lines_dropped = 0;
  std::array<char, 65536> buffer{};
  ssize_t received = 0;
  while ((received = ::read(STDIN_FILENO, buffer.data(), buffer.size())) > 0) {
    text.append(buffer.data(), static_cast<std::size_t>(received));
    if (text.size() <= kTextMax) continue;
    // UTF-16 is known by its mark, and its units are pairs: the mark stays, pairs go.
    const bool is_wide = text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff");
    const std::ptrdiff_t mark = is_wide ? 2 : 0;
    const std::size_t dropped = (text.size() - kTextKept) & ~std::size_t{1};
    const auto kept = text.begin() + mark + static_cast<std::ptrdiff_t>(dropped);
    lines_dropped += static_cast<std::size_t>(std::count(text.begin() + mark, kept, '\n'));
    text.erase(text.begin() + mark, kept);
  }
  if (received < 0) return Problem{"standard input could not be read"};
  return read_excerpt(text, lines_dropped);
}

class DiagnoseCommand : public Command {
 public:
  explicit DiagnoseCommand(CLI::App& app) {
    command_ = app.add_subcommand("diagnose",
                                  "Rank the causes that fit a log excerpt, errnos, or ss -tino");
    command_->footer(kDiagnoseHelp);
    command_->add_option("FILE", file_, "A text; - or nothing is standard input");
    command_->add_option("--errnos", errnos_, "What successive sends said: OK,EPIPE");
    command_->add_flag("--json", as_json_, "Print JSON");
  }

  int run(const std::string& /*program*/) override {
    const auto excerpt = read();
    if (excerpt.has_error()) {
      std::fprintf(stderr, "%s\n", excerpt.error().text.c_str());
      return kExitBadInput;
    }
    const Triage result = triage(*excerpt);
    const std::string text =
        as_json_ ? boost::json::serialize(to_json(result)) + "\n" : triage_text(result);
    std::fputs(text.c_str(), stdout);
    return after_output(result.cannot_tell ? kExitInconclusive : kExitPass);
  }

 private:
  [[nodiscard]] Result<Excerpt> read() const {
    if (!errnos_.empty()) {
      if (!file_.empty()) {
        return Problem{"halfopen diagnose: give a FILE or --errnos, not both"};
      }
      return read_errnos(errnos_);
    }
    if (file_.empty() || file_ == "-") return read_standard_input();
    HALFOPEN_TRY(text, read_text_file(file_));
    return read_excerpt(text);
  }

  std::string file_;
  std::string errnos_;
  bool as_json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_diagnose_command(CLI::App& app) {
  return std::make_unique<DiagnoseCommand>(app);
}

}  // namespace halfopen

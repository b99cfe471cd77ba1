// `halfopen conformance`
#include <CLI/CLI.hpp>

#include "harness/shell/commands/command.hpp"
#include "harness/shell/conformance/coordinator.hpp"

namespace halfopen {
namespace {

constexpr const char* kConformanceHelp =
    "Each case opens real connections through a middlebox and writes down what their two ends can\n"
    "observe: which sends were accepted and with which errno, what arrived, who learnt what, "
    "when.\n"
    "It is played through fault-proxy and through Linux's own NAT (nftables, conntrack); both "
    "must\n"
    "show what is known of such a NAT.\n"
    "    =  every world shows what is expected     !  one does not\n"
    "What an end received is named by the words that the case sends (back, knock, c1); unacked: "
    "the\n"
    "last send has no ACK yet. What is left out, and why, stands at the end. A known difference "
    "is\n"
    "played only by its full id, and ends with 1.\n"
    "Try: halfopen conformance --list\n"
    "     halfopen conformance 'server-first-*' --repeat 5\n"
    "     halfopen conformance flush-drop --world kernel\n"
    "Exit status:\n"
    "  0    every case shows what is expected, in each world that was played\n"
    "  1    one does not, or its verdict changed from one repetition to another\n"
    "  2    inconclusive: a world cannot be set up here, or the machine stalled\n"
    "  64   bad input: an unknown case, an option\n"
    "  70   a bug of ours, or standard output could not be written\n"
    "  130  interrupted: Ctrl-C or SIGTERM";

class ConformanceCommand : public Command {
 public:
  explicit ConformanceCommand(CLI::App& app) {
    command_ = app.add_subcommand("conformance",
                                  "Prove that the proxy world behaves as a real Linux NAT does");
    command_->footer(kConformanceHelp);
    command_->add_option("CASE", settings_.globs,
                         "Cases by id; \"*\" and \"?\" stand for any letters (default: all)");
    command_
        ->add_option("--world", world_,
                     "both: compare the worlds (default). kernel, proxy: one alone, against what "
                     "a case expects")
        ->check(CLI::IsMember({"both", "proxy", "kernel"}).description("{both,proxy,kernel}"));
    command_
        ->add_option("--repeat", settings_.repetitions,
                     "Play every case so often; a verdict that changes is a failure")
        ->check(CLI::Range(1U, 1000U));
    command_
        ->add_option("--jobs", settings_.jobs,
                     "How many cases are played side by side (default: ten a core: they wait)")
        ->check(CLI::Range(1U, 1000U));
    command_->add_flag("--list", settings_.list_only, "Print the cases and what each claims");
    command_->add_option("--junit", settings_.junit_path, "Also write JUnit XML to this file");
    command_->add_option("--out", settings_.directory,
                         "Where logs and rules go (default: halfopen-runs/...)");
  }

  int run(const std::string& /*program*/) override {
    for (const WorldKind kind : {WorldKind::kKernel, WorldKind::kProxy}) {
      if (world_ == "both" || world_ == to_text(kind)) settings_.worlds.push_back(kind);
    }
    return conformance::run(settings_);
  }

 private:
  conformance::Settings settings_;
  std::string world_ = "both";
};

}  // namespace

std::unique_ptr<Command> make_conformance_command(CLI::App& app) {
  return std::make_unique<ConformanceCommand>(app);
}

}  // namespace halfopen

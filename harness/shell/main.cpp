// halfopen: runs scenarios against nodes, judges them, and explains what died, when and why.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/near_name.hpp"
#include "harness/shell/conformance/coordinator.hpp"
#include "harness/shell/conformance/worker.hpp"
#include "harness/shell/coordinator.hpp"
#include "harness/shell/doctor.hpp"
#include "harness/shell/exit_code.hpp"
#include "harness/shell/profile_list.hpp"
#include "harness/shell/worker.hpp"

namespace halfopen {
namespace {

// "NAME=VALUE" texts into a map; CLI11 has checked that each has a '='.
std::map<std::string, std::string> variables_of(const std::vector<std::string>& texts) {
  std::map<std::string, std::string> variables;
  for (const std::string& text : texts) {
    const auto equals = text.find('=');
    variables[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return variables;
}

std::string check_assignment(const std::string& text) {
  const auto equals = text.find('=');
  return equals == std::string::npos || equals == 0
             ? "expected NAME=VALUE, such as pace=real, not \"" + text + "\""
             : "";
}

// What each command's --help ends with.
constexpr const char* kRunStatus =
    "Exit status:\n"
    "  0    every scenario passed\n"
    "  1    one failed: an expectation, or a control that passed and so proves nothing\n"
    "  2    inconclusive: a fault could not be produced, a privilege was missing, the machine "
    "stalled\n"
    "  64   bad input: a file, an option\n"
    "  70   a bug of ours, or standard output could not be written\n"
    "  130  interrupted: Ctrl-C or SIGTERM";
constexpr const char* kValidateStatus =
    "Exit status:\n"
    "  0    every file is good\n"
    "  2    the files are good, and the world cannot be what one of them asks for\n"
    "  64   bad input: a file (each is named), an option\n"
    "  70   a bug of ours, or standard output could not be written";
constexpr const char* kDoctorStatus =
    "Exit status:\n"
    "  0    every fault can be produced on this machine\n"
    "  2    something is missing: the remedy is printed\n"
    "  64   bad input: an option\n"
    "  70   a bug of ours, or standard output could not be written";

constexpr const char* kListStatus =
    "Exit status:\n"
    "  0    printed\n"
    "  64   bad input: an option\n"
    "  70   standard output could not be written";

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

std::map<std::string, WorldKind> worlds_by_name() {
  std::map<std::string, WorldKind> worlds;
  for (const WorldKind kind : kWorldKinds)
    worlds.emplace(to_text(kind), kind);
  return worlds;
}

void add_world(CLI::App* command, WorldKind& world) {
  command
      ->add_option_function<std::string>(
          "--world", [&world](const std::string& name) { world = worlds_by_name().at(name); },
          "proxy: middleboxes are fault-proxy (default). kernel: each node in a network "
          "namespace of its own, with Linux's own NAT between them")
      ->check(CLI::IsMember({"proxy", "kernel"}).description("{proxy,kernel}"));
}

// CLI11 would say of a misspelt subcommand that an argument was not expected. Nothing but flags
// may stand before it, so it is the first argument that is not one.
std::optional<std::string> subcommand_trouble(const std::vector<std::string>& commands, int argc,
                                              char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word.rfind('-', 0) == 0) continue;
    if (word == "worker" || word == "conformance-worker") return std::nullopt;
    if (std::find(commands.begin(), commands.end(), word) != commands.end()) return std::nullopt;
    return "unknown subcommand \"" + word + "\"; " + expected_names(word, commands);
  }
  if (argc > 1) return std::nullopt;
  return "a subcommand is missing; " + expected_names("", commands) + " (halfopen --help)";
}

std::string failure_message(const CLI::App* app, const CLI::Error& error) {
  const auto commands = app->get_subcommands();
  const std::string command = commands.empty() ? "" : " " + commands.front()->get_name();
  return std::string("halfopen: ") + error.what() + " (halfopen" + command + " --help)\n";
}

// `halfopen conformance`, and the worker that it executes for each case and world.
class ConformanceCommand {
 public:
  explicit ConformanceCommand(CLI::App& app)
      : command_(app.add_subcommand("conformance",
                                    "Prove that the proxy world behaves as a real Linux NAT does")),
        worker_(app.add_subcommand("conformance-worker", "")) {
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
    worker_->group("");  // not for people
    worker_->add_option("--case", arguments_.case_id)->required();
    worker_->add_option("--directory", arguments_.directory)->required();
    worker_->add_option("--parent", arguments_.parent)->required();
    add_world(worker_, arguments_.world);
  }

  [[nodiscard]] bool parsed() const { return command_->parsed() || worker_->parsed(); }
  int run() {
    if (worker_->parsed()) return conformance::run_worker(arguments_);
    for (const WorldKind kind : {WorldKind::kKernel, WorldKind::kProxy}) {
      if (world_ == "both" || world_ == to_text(kind)) settings_.worlds.push_back(kind);
    }
    return conformance::run(settings_);
  }

 private:
  CLI::App* command_;
  CLI::App* worker_;
  conformance::Settings settings_;
  conformance::WorkerArguments arguments_;
  std::string world_ = "both";
};

// What the command line says, and the commands that read it.
class CommandLine {
 public:
  CommandLine() {
    app_.name("halfopen");
    app_.set_version_flag("--version", "halfopen " HALFOPEN_VERSION);
    app_.require_subcommand(1);
    app_.failure_message(failure_message);
    app_.footer(std::string(kRunStatus) +
                "\n"
                "Start with: halfopen doctor\n"
                "      then: halfopen run scenarios/incidents/2025-11-29-idle-broken-pipe.yaml");
    run_->footer(kRunStatus);
    add_files(run_);
    run_->add_option("--junit", settings_.junit_path, "Also write JUnit XML to this file");
    run_->add_option("--out", settings_.directory,
                     "Where logs, events and configurations go (default: halfopen-runs/...)");
    add_world(run_, settings_.world);
    run_->add_option("--pcap", settings_.captures,
                     "Also capture every link into this folder: RUN/LINK.pcap and its events; "
                     "RUN must not be there yet");
    run_->add_option("--jobs", settings_.jobs,
                     "How many units of cost run side by side (default: six a core)")
        ->check(CLI::Range(1U, 1000U));
    validate_->footer(kValidateStatus);
    add_files(validate_);
    add_world(validate_, settings_.world);
    doctor_->footer(kDoctorStatus);
    profiles_->footer(kListStatus);
    add_worker();
  }

  int run(int argc, char** argv) {
    if (const auto trouble = subcommand_trouble(commands(), argc, argv)) {
      std::fprintf(stderr, "halfopen: %s\n", trouble->c_str());
      return kExitBadInput;
    }
    try {
      app_.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      return app_.exit(error) == 0 ? after_output(kExitPass) : kExitBadInput;
    }
    settings_.program = argv[0];
    settings_.variables = variables_of(variable_texts_);
    worker_arguments_.variables = settings_.variables;
    if (doctor_->parsed()) return run_doctor();
    if (profiles_->parsed()) return list_profiles();
    if (conformance_.parsed()) return conformance_.run();
    if (worker_->parsed()) return run_worker(worker_arguments_);
    if (validate_->parsed()) return validate_scenarios(settings_);
    return run_scenarios(settings_);
  }

 private:
  void add_files(CLI::App* command) {
    command->add_option("FILE", settings_.files, "Scenario files, or folders of .yaml files")
        ->required();
    command
        ->add_option("--var", variable_texts_,
                     "NAME=VALUE: another value for one of the scenario's vars (repeatable)")
        ->check(check_assignment)
        ->allow_extra_args(false);
  }

  void add_worker() {
    worker_->group("");  // not for people
    worker_->add_option("--text", worker_arguments_.text_path)->required();
    worker_->add_option("--name", worker_arguments_.original_name)->required();
    worker_->add_option("--index", worker_arguments_.run_index)->required();
    worker_->add_option("--directory", worker_arguments_.directory)->required();
    worker_->add_option("--parent", worker_arguments_.parent)->required();
    worker_->add_option("--pcap", worker_arguments_.captures);
    add_world(worker_, worker_arguments_.world);
    worker_->add_option("--var", variable_texts_)->allow_extra_args(false);
  }

  // Those that are for people.
  std::vector<std::string> commands() const {
    std::vector<std::string> names;
    for (const CLI::App* command : app_.get_subcommands({})) {
      if (!command->get_group().empty()) names.push_back(command->get_name());
    }
    return names;
  }

  RunSettings settings_;
  WorkerArguments worker_arguments_;
  std::vector<std::string> variable_texts_;
  CLI::App app_{
      "Reproduces, explains and guards against long-lived TCP connections that die while idle."};
  CLI::App* run_ = app_.add_subcommand("run", "Run scenarios and judge them");
  CLI::App* validate_ =
      app_.add_subcommand("validate", "Check scenario files without running them");
  CLI::App* doctor_ = app_.add_subcommand(
      "doctor", "Try what this machine can do, and say how to mend what it cannot");
  CLI::App* profiles_ = app_.add_subcommand(
      "profiles", "List the middleboxes that a scenario can name, with their sources");
  ConformanceCommand conformance_{app_};
  CLI::App* worker_ = app_.add_subcommand("worker", "");
};

}  // namespace
}  // namespace halfopen

int main(int argc, char** argv) {
  try {
    return halfopen::CommandLine().run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "halfopen: internal error: %s\n", error.what());
    return halfopen::kExitInternal;
  }
}

// halfopen: runs scenarios against nodes, judges them, and explains what died, when and why.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "harness/shell/conformance/coordinator.hpp"
#include "harness/shell/conformance/worker.hpp"
#include "harness/shell/coordinator.hpp"
#include "harness/shell/doctor.hpp"
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

std::map<std::string, WorldKind> worlds_by_name() {
  std::map<std::string, WorldKind> worlds;
  for (const WorldKind kind : kWorldKinds)
    worlds.emplace(to_text(kind), kind);
  return worlds;
}

std::string check_assignment(const std::string& text) {
  const auto equals = text.find('=');
  return equals == std::string::npos || equals == 0
             ? "expected NAME=VALUE, such as pace=real, not \"" + text + "\""
             : "";
}

// `halfopen conformance`, and the worker that it executes for each case.
struct ConformanceCommand {
  CLI::App* command = nullptr;
  CLI::App* worker_command = nullptr;
  conformance::Settings settings;
  conformance::WorkerArguments worker;
  std::string world = "both";

  [[nodiscard]] bool parsed() const { return command->parsed() || worker_command->parsed(); }
  int run() {
    if (worker_command->parsed()) return conformance::run_worker(worker);
    for (const WorldKind kind : {WorldKind::kKernel, WorldKind::kProxy}) {
      if (world == "both" || world == to_text(kind)) settings.worlds.push_back(kind);
    }
    return conformance::run(settings);
  }
};

void add_conformance(CLI::App& app, ConformanceCommand& all) {
  conformance::Settings& settings = all.settings;
  CLI::App* command = app.add_subcommand(
      "conformance", "Prove that the proxy world behaves as a real Linux NAT does");
  command->add_option("CASE", settings.globs,
                      "Cases by id; \"*\" and \"?\" stand for any letters (default: all)");
  command
      ->add_option("--world", all.world,
                   "both (default) compares the worlds. kernel: only Linux's own NAT, and proxy: "
                   "only fault-proxy, each against what a case expects")
      ->check(CLI::IsMember({"both", "proxy", "kernel"}));
  command
      ->add_option("--repeat", settings.repetitions,
                   "Play every case so often; a verdict that changes is a failure")
      ->check(CLI::Range(1U, 1000U));
  command
      ->add_option("--jobs", settings.jobs,
                   "How many cases are played side by side (default: ten a core, since they wait)")
      ->check(CLI::Range(1U, 1000U));
  command->add_flag("--list", settings.list_only, "Print the cases and what each claims");
  command->add_option("--junit", settings.junit_path, "Also write JUnit XML to this file");
  command->add_option("--out", settings.directory,
                      "Where logs and rules go (default: halfopen-runs/...)");
  command->footer(
      "Each case opens real connections through a middlebox and writes down what their two ends\n"
      "can observe: which sends were accepted and with which errno, what arrived, who learnt\n"
      "what, and when. It is played through fault-proxy and through Linux's own NAT (nftables,\n"
      "conntrack), and both must show what is known of such a NAT.\n"
      "    =  every world shows what is expected     !  one does not\n"
      "Exit status: 0 all agree, 1 a disagreement or a verdict that changed, 2 a world could not\n"
      "be set up here, 64 bad input, 70 internal error.\n"
      "Try: halfopen conformance --list\n"
      "     halfopen conformance 'server-first-*' --repeat 5\n"
      "     halfopen conformance flush-drop --world kernel");
  all.command = command;
  all.worker_command = app.add_subcommand("conformance-worker", "")->group("");  // not for people
  all.worker_command->add_option("--case", all.worker.case_id)->required();
  all.worker_command->add_option("--directory", all.worker.directory)->required();
  all.worker_command->add_option("--parent", all.worker.parent)->required();
  all.worker_command->add_option("--world", all.worker.world)
      ->required()
      ->transform(CLI::CheckedTransformer(worlds_by_name()));
}

int run(int argc, char** argv) {
  CLI::App app{
      "Reproduces, explains and guards against long-lived TCP connections that die while idle."};
  app.set_version_flag("--version", "halfopen " HALFOPEN_VERSION);
  app.require_subcommand(1);
  app.footer(
      "Exit status: 0 pass, 1 fail, 2 inconclusive, 64 bad input, 70 internal error, 130\n"
      "interrupted.\n"
      "Start with: halfopen doctor\n"
      "      then: halfopen run scenarios/incidents/2025-11-29-idle-broken-pipe.yaml");

  RunSettings settings;
  settings.program = argv[0];
  std::vector<std::string> variable_texts;
  const auto add_common = [&](CLI::App* command) {
    command->add_option("FILE", settings.files, "Scenario files, or folders of .yaml files")
        ->required();
    command
        ->add_option("--var", variable_texts,
                     "NAME=VALUE: another value for one of the scenario's vars (repeatable)")
        ->check(check_assignment)
        ->allow_extra_args(false);
  };
  CLI::App* run_command = app.add_subcommand("run", "Run scenarios and judge them");
  add_common(run_command);
  run_command->add_option("--junit", settings.junit_path, "Also write JUnit XML to this file");
  run_command->add_option("--out", settings.directory,
                          "Where logs, events and configurations go (default: halfopen-runs/...)");
  run_command
      ->add_option("--jobs", settings.jobs,
                   "How many units of cost run side by side (default: six a core)")
      ->check(CLI::Range(1U, 1000U));
  const std::map<std::string, WorldKind> worlds = worlds_by_name();
  run_command
      ->add_option("--world", settings.world,
                   "proxy: middleboxes are fault-proxy (default). kernel: each node in a network "
                   "namespace, Linux's own NAT between them")
      ->transform(CLI::CheckedTransformer(worlds).description("{proxy,kernel}"));
  run_command->add_option("--pcap", settings.captures,
                          "Also capture every link into this folder, one file a link");
  CLI::App* validate_command =
      app.add_subcommand("validate", "Check scenario files without running them");
  add_common(validate_command);
  ConformanceCommand conformance_command;
  add_conformance(app, conformance_command);
  CLI::App* doctor_command = app.add_subcommand(
      "doctor", "Try what this machine can do, and say how to mend what it cannot");

  WorkerArguments worker;
  CLI::App* worker_command = app.add_subcommand("worker", "")->group("");  // not for people
  worker_command->add_option("--text", worker.text_path)->required();
  worker_command->add_option("--name", worker.original_name)->required();
  worker_command->add_option("--index", worker.run_index)->required();
  worker_command->add_option("--directory", worker.directory)->required();
  worker_command->add_option("--parent", worker.parent)->required();
  worker_command->add_option("--world", worker.world)->transform(CLI::CheckedTransformer(worlds));
  worker_command->add_option("--pcap", worker.captures);
  worker_command->add_option("--var", variable_texts)->allow_extra_args(false);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitPass : kExitBadInput;
  }
  settings.variables = variables_of(variable_texts);
  worker.variables = settings.variables;
  if (doctor_command->parsed()) return run_doctor();
  if (conformance_command.parsed()) return conformance_command.run();
  if (worker_command->parsed()) return conformance::run_worker(worker);
  for (const WorldKind kind : {WorldKind::kKernel, WorldKind::kProxy}) {
    if (world == "both" || world == to_text(kind)) settings.worlds.push_back(kind);
  }
  return conformance::run(settings);
}
};

void add_conformance(CLI::App& app, ConformanceCommand& all) {
  conformance::Settings& settings = all.settings;
  CLI::App* command = app.add_subcommand(
      "conformance", "Prove that the proxy world behaves as a real Linux NAT does");
  command->add_option("CASE", settings.globs,
                      "Cases by id; \"*\" and \"?\" stand for any letters (default: all)");
  command
      ->add_option("--world", all.world,
                   "both (default) compares the worlds. kernel: only Linux's own NAT, and proxy: "
                   "only fault-proxy, each against what a case expects")
      ->check(CLI::IsMember({"both", "proxy", "kernel"}));
  command
      ->add_option("--repeat", settings.repetitions,
                   "Play every case so often; a verdict that changes is a failure")
      ->check(CLI::Range(1U, 1000U));
  command
      ->add_option("--jobs", settings.jobs,
                   "How many cases are played side by side (default: ten a core, since they wait)")
      ->check(CLI::Range(1U, 1000U));
  command->add_flag("--list", settings.list_only, "Print the cases and what each claims");
  command->add_option("--junit", settings.junit_path, "Also write JUnit XML to this file");
  command->add_option("--out", settings.directory,
                      "Where logs and rules go (default: halfopen-runs/...)");
  command->footer(
      "Each case opens real connections through a middlebox and writes down what their two ends\n"
      "can observe: which sends were accepted and with which errno, what arrived, who learnt\n"
      "what, and when. It is played through fault-proxy and through Linux's own NAT (nftables,\n"
      "conntrack), and both must show what is known of such a NAT.\n"
      "    =  every world shows what is expected     !  one does not\n"
      "Exit status: 0 all agree, 1 a disagreement or a verdict that changed, 2 a world could not\n"
      "be set up here, 64 bad input, 70 internal error.\n"
      "Try: halfopen conformance --list\n"
      "     halfopen conformance 'server-first-*' --repeat 5\n"
      "     halfopen conformance flush-drop --world kernel");
  all.command = command;
  all.worker_command = app.add_subcommand("conformance-worker", "")->group("");  // not for people
  all.worker_command->add_option("--case", all.worker.case_id)->required();
  all.worker_command->add_option("--directory", all.worker.directory)->required();
  all.worker_command->add_option("--parent", all.worker.parent)->required();
  all.worker_command->add_option("--world", all.worker.world)
      ->required()
      ->transform(CLI::CheckedTransformer(worlds_by_name()));
}

int run(int argc, char** argv) {
  CLI::App app{
      "Reproduces, explains and guards against long-lived TCP connections that die while idle."};
  app.set_version_flag("--version", "halfopen " HALFOPEN_VERSION);
  app.require_subcommand(1);
  app.footer(
      "Exit status: 0 pass, 1 fail, 2 inconclusive, 64 bad input, 70 internal error, 130\n"
      "interrupted.\n"
      "Start with: halfopen doctor\n"
      "      then: halfopen run scenarios/incidents/2025-11-29-idle-broken-pipe.yaml");

  RunSettings settings;
  settings.program = argv[0];
  std::vector<std::string> variable_texts;
  const auto add_common = [&](CLI::App* command) {
    command->add_option("FILE", settings.files, "Scenario files, or folders of .yaml files")
        ->required();
    command
        ->add_option("--var", variable_texts,
                     "NAME=VALUE: another value for one of the scenario's vars (repeatable)")
        ->check(check_assignment)
        ->allow_extra_args(false);
  };
  CLI::App* run_command = app.add_subcommand("run", "Run scenarios and judge them");
  add_common(run_command);
  run_command->add_option("--junit", settings.junit_path, "Also write JUnit XML to this file");
  run_command->add_option("--out", settings.directory,
                          "Where logs, events and configurations go (default: halfopen-runs/...)");
  run_command
      ->add_option("--jobs", settings.jobs,
                   "How many units of cost run side by side (default: six a core)")
      ->check(CLI::Range(1U, 1000U));
  const std::map<std::string, WorldKind> worlds = worlds_by_name();
  run_command
      ->add_option("--world", settings.world,
                   "proxy: middleboxes are fault-proxy (default). kernel: each node in a network "
                   "namespace, Linux's own NAT between them")
      ->transform(CLI::CheckedTransformer(worlds).description("{proxy,kernel}"));
  run_command->add_option("--pcap", settings.captures,
                          "Also capture every link into this folder, one file a link");
  CLI::App* validate_command =
      app.add_subcommand("validate", "Check scenario files without running them");
  add_common(validate_command);
  ConformanceCommand conformance_command;
  add_conformance(app, conformance_command);
  CLI::App* doctor_command = app.add_subcommand(
      "doctor", "Try what this machine can do, and say how to mend what it cannot");

  WorkerArguments worker;
  CLI::App* worker_command = app.add_subcommand("worker", "")->group("");  // not for people
  worker_command->add_option("--text", worker.text_path)->required();
  worker_command->add_option("--name", worker.original_name)->required();
  worker_command->add_option("--index", worker.run_index)->required();
  worker_command->add_option("--directory", worker.directory)->required();
  worker_command->add_option("--parent", worker.parent)->required();
  worker_command->add_option("--world", worker.world)->transform(CLI::CheckedTransformer(worlds));
  worker_command->add_option("--pcap", worker.captures);
  worker_command->add_option("--var", variable_texts)->allow_extra_args(false);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitPass : kExitBadInput;
  }
  settings.variables = variables_of(variable_texts);
  worker.variables = settings.variables;
  if (doctor_command->parsed()) return run_doctor();
  if (conformance_worker_command->parsed()) return conformance::run_worker(conformance_worker);
  if (conformance_command->parsed()) {
    for (const WorldKind kind : {WorldKind::kKernel, WorldKind::kProxy}) {
      if (conformance_world == "both" || conformance_world == to_text(kind)) {
        conformance_settings.worlds.push_back(kind);
      }
    }
    return conformance::run(conformance_settings);
  }
  if (worker_command->parsed()) return run_worker(worker);
  if (validate_command->parsed()) return validate_scenarios(settings);
  return run_scenarios(settings);
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

#include "harness/shell/commands/options.hpp"

#include <CLI/CLI.hpp>

namespace halfopen {
namespace {

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

}  // namespace

void add_world(CLI::App* command, WorldKind& world) {
  command
      ->add_option_function<std::string>(
          "--world", [&world](const std::string& name) { world = worlds_by_name().at(name); },
          "proxy: middleboxes are fault-proxy (default). kernel: each node in a network "
          "namespace of its own, with Linux's own NAT between them")
      ->type_name("WORLD")
      ->check(CLI::IsMember({"proxy", "kernel"}).description("{proxy,kernel}"));
}

void add_variables(CLI::App* command, std::vector<std::string>& texts) {
  command->add_option("--var", texts, "Another value for one of the scenario's vars (repeatable)")
      ->type_name("NAME=VALUE")
      ->check(check_assignment)
      ->allow_extra_args(false);
}

std::map<std::string, std::string> variables_of(const std::vector<std::string>& texts) {
  std::map<std::string, std::string> variables;
  for (const std::string& text : texts) {
    const auto equals = text.find('=');
    variables[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return variables;
}

void add_scenario_files(CLI::App* command, std::vector<std::string>& files) {
  command->add_option("FILE", files, "Scenario files, or folders of .yaml or .yml files")
      ->type_name("")
      ->required();
}

}  // namespace halfopen

// vote-node: the command line and its exit codes.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "node/shell/config_schema.hpp"
#include "node/shell/keygen.hpp"
#include "node/shell/program.hpp"
#include "node/shell/status.hpp"

namespace halfopen::node {
namespace {

constexpr int kExitFailure = 1;
constexpr int kExitBadInput = 64;
constexpr int kExitInternal = 70;

struct Options {
  std::string config;
  std::string log_format = "text";
  bool check_config = false;
  bool strict = false;
  std::vector<std::string> key_files;
  std::string peer;
  StatusOptions status;
  RunOptions run;
};

struct Commands {
  const CLI::Option* config;
  const CLI::App* keygen;
  const CLI::App* pubkey;
  const CLI::App* schema;
  const CLI::App* status;
  const CLI::App* history;
};

int complain(int code, const Problem& problem) {
  std::fprintf(stderr, "vote-node: %s\n", problem.text.c_str());
  return code;
}

Commands add_commands(CLI::App& app, Options& options) {
  Commands commands{};
  commands.config = app.add_option("--config", options.config, "configuration file (YAML)");
  app.add_flag("--check-config", options.check_config,
               "read the configuration, warn of what can hardly be meant, and exit");
  app.add_flag("--strict", options.strict, "a warning about the configuration is an error");
  app.add_option("--events", options.run.events, "append events to this file, as JSON lines");
  app.add_option("--log-format", options.log_format, "log on stderr as text or as json")
      ->check(CLI::IsMember({"text", "json"}));
  CLI::App* keygen =
      app.add_subcommand("keygen", "make a private key in each FILE, print the public ones");
  CLI::App* pubkey = app.add_subcommand("pubkey", "print the public key of each FILE");
  for (CLI::App* command : {keygen, pubkey}) {
    command->add_option("FILE", options.key_files, "private key (PEM), its owner's alone")
        ->required();
  }
  commands.schema =
      app.add_subcommand("schema", "print the configuration's JSON Schema, for editors");
  CLI::App* status = app.add_subcommand("status", "show a running node and its peers");
  CLI::App* history =
      app.add_subcommand("history", "show what became of a running node's connection to PEER");
  history->add_option("PEER", options.peer, "the peer's name")->required();
  for (CLI::App* command : {status, history}) {
    command->add_option("--admin", options.status.admin,
                        "the node's admin address: 127.0.0.1:8000 or unix:/PATH");
    command->add_option("--config", options.status.config,
                        "the node's configuration, which names that address");
  }
  commands.keygen = keygen;
  commands.pubkey = pubkey;
  commands.status = status;
  commands.history = history;
  app.require_subcommand(0, 1);
  return commands;
}

int check(const Options& options, const NodeConfig& config) {
  const auto warnings = warnings_of(config);
  for (const std::string& warning : warnings)
    std::fprintf(stderr, "%s\n", warning.c_str());
  if (options.strict && !warnings.empty()) {
    return complain(kExitBadInput, {options.config, ": not good enough for --strict: ",
                                    std::to_string(warnings.size()),
                                    warnings.size() == 1 ? " warning" : " warnings"});
  }
  if (options.check_config) std::printf("%s: good\n", options.config.c_str());
  return 0;
}

int run(Options& options) {
  if (options.config.empty()) {
    return complain(kExitBadInput, {"--config is required (vote-node --help)"});
  }
  auto config = load_config(options.config);
  if (config.has_error()) return complain(kExitBadInput, config.error());
  if (options.check_config || options.strict) {
    const int code = check(options, *config);
    if (code != 0 || options.check_config) return code;
  }
  if (options.log_format == "json") options.run.log_format = LogFormat::kJson;
  const auto ended = run_node(std::move(*config), options.run);
  return ended.has_error() ? complain(kExitFailure, ended.error()) : 0;
}

int main_with_exceptions(int argc, char** argv) {
  Options options;
  CLI::App app("Broadcasts votes to its peers over long-lived TCP connections.", "vote-node");
  const Commands commands = add_commands(app, options);
  app.set_version_flag("--version", "vote-node " HALFOPEN_VERSION);
  app.failure_message([](const CLI::App*, const CLI::Error& error) {
    return std::string("vote-node: ") + error.what() + " (vote-node --help)\n";
  });
  app.footer(
      "Signals of a running node:\n"
      "  SIGHUP           read the configuration again: peers change, other keys need a restart\n"
      "  SIGTERM, SIGINT  drain: no new votes, those under way are finished; a second one ends at "
      "once\n"
      "Exit status:\n"
      "  0    ended on request: SIGTERM, SIGINT, POST /drain\n"
      "  1    could not start: a port in use; a store, key or file that is not usable;\n"
      "       status, history: the node does not answer\n"
      "  64   bad input: the configuration, an option\n"
      "  70   a bug of ours");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitBadInput;
  }
  if (commands.keygen->parsed()) return make_keys(options.key_files);
  if (commands.pubkey->parsed()) return show_keys(options.key_files);
  if (commands.status->parsed()) return show_status(options.status);
  if (commands.history->parsed()) return show_history(options.status, options.peer);
  if (commands.schema->parsed()) {
    std::fputs(config_schema_text().c_str(), stdout);
    return 0;
  }
  return run(options);
}

}  // namespace
}  // namespace halfopen::node

int main(int argc, char** argv) {
  try {
    return halfopen::node::main_with_exceptions(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "vote-node: internal error: %s\n", error.what());
    return halfopen::node::kExitInternal;
  }
}

// vote-node: reads its configuration, opens what it needs, and runs until it is told to stop.
#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "node/shell/admin_api.hpp"
#include "node/shell/key_file.hpp"
#include "node/shell/keygen.hpp"
#include "node/shell/sqlite_vote_store.hpp"

namespace halfopen::node {
namespace {

constexpr int kExitFailure = 1;
constexpr int kExitBadInput = 64;
constexpr int kExitInternal = 70;

struct Options {
  std::string config;
  std::string events;
  LogFormat log_format = LogFormat::kText;
  bool check_config = false;
};

int complain(int code, const Problem& problem) {
  std::fprintf(stderr, "vote-node: %s\n", problem.text.c_str());
  return code;
}

Result<std::unique_ptr<VoteStore>> open_store(const NodeConfig& config,
                                              boost::asio::io_context& context, Log& log) {
  const auto post = [&context](std::function<void()> work) {
    boost::asio::post(context, std::move(work));
  };
  if (config.store.empty()) {
    return std::unique_ptr<VoteStore>(std::make_unique<MemoryVoteStore>(post));
  }
  HALFOPEN_TRY(store, SqliteVoteStore::open(config.store,
                                            {.own_key = config.node.key->public_key(),
                                             .network = config.node.network,
                                             .retention_votes = config.node.retention_votes},
                                            post));
  store->on_problem(
      [&log](const Problem& problem) { log.warn("Votes are refused: " + problem.text); });
  return std::unique_ptr<VoteStore>(std::move(store));
}

int run(NodeConfig config, const Options& options) {
  if (!config.key_path.empty()) {
    auto key = read_key_file(config.key_path);
    if (key.has_error()) return complain(kExitFailure, key.error());
    config.node.key = std::move(*key);
  }
  Log log(options.log_format, config.node.name);
  EventLog event_log;
  const std::string events_path = options.events.empty() ? config.events : options.events;
  if (!events_path.empty()) {
    auto opened = EventLog::open(events_path, "vote-node", config.node.name);
    if (opened.has_error()) return complain(kExitFailure, opened.error());
    event_log = std::move(*opened);
  }

  // A file that reaches a limit of this process is a full disk: a failed write, not a death.
  (void)std::signal(SIGXFSZ, SIG_IGN);
  boost::asio::io_context context(1);
  auto store = open_store(config, context, log);
  if (store.has_error()) return complain(kExitFailure, store.error());
  MetricSet metrics;
  EventExport events(std::move(event_log));
  StatsExport stats(config, metrics);
  Story story(log);
  HttpEndpoint endpoint(context);
  boost::asio::signal_set signals(context, SIGTERM, SIGINT);
  std::string stop_reason = "drain";
  Driver driver(context, config, **store, {events, stats, story, log}, [&] {
    events.stopped(stop_reason);
    log.info("Stopped (" + stop_reason + ")");
    endpoint.close();
    signals.cancel();
  });
  AdminApi admin(driver, **store, metrics);

  const auto listening = driver.listen();
  if (listening.has_error()) return complain(kExitFailure, listening.error());
  const auto admin_address = endpoint.listen_for_later(
      config.admin, [&](const HttpRequest& request, const HttpRespond& respond) {
        admin.handle(request, respond);
      });
  if (admin_address.has_error()) return complain(kExitFailure, admin_address.error());
  signals.async_wait([&](boost::system::error_code error, int signal) {
    if (error) return;
    stop_reason = signal == SIGINT ? "SIGINT" : "SIGTERM";
    log.info("Stopping on " + stop_reason);
    driver.shut_down();
  });
  events.started(*listening, *admin_address, config.preset);
  log.info("vote-node " HALFOPEN_VERSION " (preset " + std::string(name_of(config.preset)) +
           ") listens for peers on " + *listening + ", admin on http://" + *admin_address);
  driver.start();
  context.run();
  return 0;
}

int main_with_exceptions(int argc, char** argv) {
  Options options;
  std::string log_format = "text";
  CLI::App app("Broadcasts votes to its peers over long-lived TCP connections.", "vote-node");
  const CLI::Option* config_option =
      app.add_option("--config", options.config, "configuration file (YAML)");
  app.add_flag("--check-config", options.check_config, "read the configuration and exit");
  app.add_option("--events", options.events, "append events to this file, as JSON lines");
  app.add_option("--log-format", log_format, "log on stderr as text or as json")
      ->check(CLI::IsMember({"text", "json"}));
  std::vector<std::string> key_files;
  const CLI::App* keygen =
      app.add_subcommand("keygen", "make a private key in each FILE, print the public ones");
  const CLI::App* pubkey = app.add_subcommand("pubkey", "print the public key of each FILE");
  for (CLI::App* command : app.get_subcommands({}))
    command->add_option("FILE", key_files, "private key (PEM), its owner's alone")->required();
  app.require_subcommand(0, 1);
  app.set_version_flag("--version", "vote-node " HALFOPEN_VERSION);
  app.failure_message([](const CLI::App*, const CLI::Error& error) {
    return std::string("vote-node: ") + error.what() + " (vote-node --help)\n";
  });
  app.footer(
      "Exit status:\n"
      "  0    ended on request: SIGTERM, SIGINT, POST /drain\n"
      "  1    could not start: a port in use; a store, key or file that is not usable\n"
      "  64   bad input: the configuration, an option\n"
      "  70   a bug of ours");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitBadInput;
  }
  if (keygen->parsed()) return make_keys(key_files);
  if (pubkey->parsed()) return show_keys(key_files);
  if (config_option->empty()) {
    return complain(kExitBadInput, Problem{"--config is required (vote-node --help)"});
  }
  if (log_format == "json") options.log_format = LogFormat::kJson;
  auto config = load_config(options.config);
  if (config.has_error()) return complain(kExitBadInput, config.error());
  if (options.check_config) {
    std::printf("%s: good\n", options.config.c_str());
    return 0;
  }
  return run(std::move(*config), options);
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

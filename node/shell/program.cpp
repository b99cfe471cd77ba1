#include "node/shell/program.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <csignal>
#include <functional>
#include <memory>
#include <utility>

#include "metrics/clock.hpp"
#include "node/shell/admin_api.hpp"
#include "node/shell/key_file.hpp"
#include "node/shell/operation.hpp"
#include "node/shell/sqlite_vote_store.hpp"

namespace halfopen::node {
namespace {

struct OpenedStore {
  std::unique_ptr<VoteStore> store;
  const SqliteVoteStore* durable = nullptr;  // the same, or nothing
};

Result<OpenedStore> open_store(const NodeConfig& config, boost::asio::io_context& context,
                               Log& log) {
  const auto post = [&context](std::function<void()> work) {
    boost::asio::post(context, std::move(work));
  };
  if (config.store.empty()) {
    const std::size_t voters = config.node.peers.size() + 1;
    return OpenedStore{
        std::make_unique<MemoryVoteStore>(post, voters * config.node.retention_votes)};
  }
  const SqliteStoreSettings settings{.own_key = config.node.key->public_key(),
                                     .network = config.node.network,
                                     .retention_votes = config.node.retention_votes};
  HALFOPEN_TRY(opened, SqliteVoteStore::open(config.store, settings, post));
  opened->on_problem(
      [&log](const Problem& problem) { log.warn("Votes are refused: " + problem.text); });
  const SqliteVoteStore* durable = opened.get();
  return OpenedStore{std::move(opened), durable};
}

Result<EventLog> open_events(const NodeConfig& config, const RunOptions& options) {
  const std::string path = options.events.empty() ? config.events : options.events;
  if (path.empty()) return EventLog{};
  return EventLog::open(path, "vote-node", config.node.name);
}

}  // namespace

Result<void> run_node(NodeConfig config, const RunOptions& options) {
  if (!config.key_path.empty()) {
    HALFOPEN_TRY(key, read_key_file(config.key_path));
    config.node.key = std::move(key);
  }
  for (const PeerSettings& peer : config.node.peers) {
    if (peer.key != config.node.key->public_key()) continue;
    return Problem{"peer ", peer.name, " has this node's own key: give it the one that ",
                   "vote-node pubkey prints for its key file"};
  }
  Log log(options.log_format, config.node.name, config.log_level);
  for (const std::string& warning : warnings_of(config))
    log.warn(warning);
  HALFOPEN_TRY(event_log, open_events(config, options));

  // A file that reaches a limit of this process is a full disk: a failed write, not a death.
  (void)std::signal(SIGXFSZ, SIG_IGN);
  boost::asio::io_context context(1);
  HALFOPEN_TRY(opened, open_store(config, context, log));
  MetricSet metrics;
  EventExport events(std::move(event_log));
  StatsExport stats(config, metrics);
  Story story(log);
  PeerHistory history(config, monotonic_now());
  const Observers observers{events, stats, story, history, log};
  HttpEndpoint endpoint(context);
  Operation* operation_at_end = nullptr;
  Driver driver(context, config, *opened.store, observers, [&] {
    events.stopped(operation_at_end->stop_reason());
    log.info("Stopped (" + operation_at_end->stop_reason() + ")");
    endpoint.close();
    operation_at_end->close();
  });
  Operation operation(context, config, driver, observers, [durable = opened.durable] {
    return durable == nullptr ? StoreStatistics{} : durable->statistics();
  });
  operation_at_end = &operation;
  AdminApi admin(driver, *opened.store, metrics, history, operation);

  HALFOPEN_TRY(listen, driver.listen());
  HALFOPEN_TRY(admin_address,
               endpoint.listen_for_later(
                   config.admin, [&](const HttpRequest& request, const HttpRespond& respond) {
                     admin.handle(request, respond);
                   }));
  events.started(listen, admin_address, config.preset);
  const bool is_unix = unix_socket_path(admin_address).has_value();
  log.info("vote-node " HALFOPEN_VERSION " (preset " + std::string(name_of(config.preset)) +
           ") listens for peers on " + listen + ", admin on " + (is_unix ? "" : "http://") +
           admin_address);
  driver.start();
  operation.start({listen, admin_address});
  context.run();
  return {};
}

}  // namespace halfopen::node

// grpc-vote-node: what ci/bench node compares vote-node with. README.md says what it does alike.
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "metrics/http_endpoint.hpp"
#include "node/shell/sqlite_vote_store.hpp"
#include "tests/bench/grpc_node/node.hpp"

namespace halfopen::grpc_node {
namespace {

constexpr int kExitFailure = 1;
constexpr int kExitBadInput = 64;

int complain(int code, const Problem& problem) {
  std::fprintf(stderr, "grpc-vote-node: %s\n", problem.text.c_str());
  return code;
}

void serve(Node& node, const HttpRequest& request, Reply reply) {
  if (request.method != "POST" || request.path != "/votes" || !request.body.empty()) {
    return reply(http_error(404, "only POST /votes without a body is served"));
  }
  node.cast(request.query == "wait=peers", std::move(reply));
}

// The store in memory answers whoever puts, at the end of the turn; the one on the disk has a
// thread of its own, whose answers go to the thread of the HTTP.
Result<std::unique_ptr<node::VoteStore>> open_store(const Settings& settings, Node& node,
                                                    boost::asio::io_context& context) {
  if (settings.store.empty()) {
    return std::unique_ptr<node::VoteStore>(std::make_unique<node::MemoryVoteStore>(
        [&node](std::function<void()> work) { node.run_later(std::move(work)); }));
  }
  HALFOPEN_TRY(
      opened,
      node::SqliteVoteStore::open(
          settings.store,
          {.own_key = node::SigningKey(settings.seed).public_key(), .network = settings.network},
          [&](std::function<void()> work) {
            boost::asio::post(context, [&node, due = std::move(work)] { node.run(due); });
          }));
  return std::unique_ptr<node::VoteStore>(std::move(opened));
}

int run(const Settings& settings) {
  boost::asio::io_context context(1);
  Node node(settings, context);
  const auto store = open_store(settings, node, context);
  if (store.has_error()) return complain(kExitFailure, store.error());
  const auto started = node.start(**store);
  if (started.has_error()) return complain(kExitFailure, started.error());
  HttpEndpoint endpoint(context);
  const auto admin = endpoint.listen_for_later(
      settings.admin, [&](const HttpRequest& request, HttpRespond respond) {
        serve(node, request, std::move(respond));
      });
  if (admin.has_error()) return complain(kExitFailure, admin.error());
  boost::asio::signal_set signals(context, SIGTERM, SIGINT);
  signals.async_wait([&](boost::system::error_code, int) { context.stop(); });
  context.run();
  // What was stored is stored; streams need no farewell, and gRPC's threads no end.
  std::_Exit(0);
}

}  // namespace
}  // namespace halfopen::grpc_node

int main(int argc, char** argv) {
  using namespace halfopen::grpc_node;
  if (argc != 2) return complain(kExitBadInput, {"expected one argument, a JSON file"});
  const auto settings = load_settings(argv[1]);
  if (settings.has_error()) return complain(kExitBadInput, settings.error());
  return run(*settings);
}

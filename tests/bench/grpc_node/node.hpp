// grpc-vote-node's threads and their one lock.
//
// Two threads use it: the one that serves HTTP and hears of the store, and the one that serves the
// completion queue of all streams, dialled and accepted. Whoever holds the lock does the work
// itself, the write into the stream too, so that nothing changes threads without need; when it lets
// go, it sends what has gathered, once for each peer.
#pragma once

#include <grpcpp/grpcpp.h>

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/bench/grpc_node/link.hpp"
#include "tests/bench/grpc_node/settings.hpp"
#include "tests/bench/grpc_node/voter.hpp"

namespace halfopen::grpc_node {

class Node {
 public:
  Node(const Settings& settings, boost::asio::io_context& context);
  ~Node();

  // Where a store in memory is to put its answers: this thread holds the lock.
  void run_later(std::function<void()> work) { later_.push_back(std::move(work)); }
  // Under the lock, from any thread.
  void run(const std::function<void()>& work);
  // Takes over the store's votes, listens and dials.
  [[nodiscard]] Result<void> start(node::VoteStore& store);
  void cast(bool wait_for_peers, Reply reply);

  // For links, which hold the lock.
  [[nodiscard]] const Settings& settings() const { return settings_; }
  [[nodiscard]] Voter& voter() { return *voter_; }
  [[nodiscard]] Parcel& scratch() { return scratch_; }
  [[nodiscard]] grpc::ServerCompletionQueue& queue() { return *queue_; }
  [[nodiscard]] Votes::AsyncService& service() { return service_; }
  [[nodiscard]] std::optional<std::size_t> peer_named(const std::string& name) const;
  // The newer stream of a peer replaces the older one.
  void attach(std::size_t peer, Link& link);
  void detach(std::size_t peer, Link& link);

 private:
  [[nodiscard]] Result<void> listen();
  void dial();
  void serve_queue();
  void settle();

  const Settings& settings_;
  boost::asio::io_context& context_;
  std::mutex mutex_;
  std::vector<std::function<void()>> later_;
  std::unique_ptr<Voter> voter_;
  Parcel scratch_;
  Votes::AsyncService service_;
  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::unique_ptr<grpc::Server> server_;
  std::vector<std::unique_ptr<ClientLink>> dialled_;
  std::vector<Link*> links_;  // by peer; nothing while it has no stream
  std::thread thread_;
};

}  // namespace halfopen::grpc_node

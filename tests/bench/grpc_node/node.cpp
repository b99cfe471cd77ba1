#include "tests/bench/grpc_node/node.hpp"

#include <boost/asio/post.hpp>
#include <chrono>

#include "tests/bench/grpc_node/channel.hpp"

namespace halfopen::grpc_node {

Node::Node(const Settings& settings, boost::asio::io_context& context)
    : settings_(settings), context_(context), links_(settings.peers.size(), nullptr) {}

Node::~Node() = default;

Result<void> Node::start(node::VoteStore& store) {
  const std::scoped_lock lock(mutex_);
  voter_ = std::make_unique<Voter>(settings_, store);
  HALFOPEN_CHECK(voter_->load());
  HALFOPEN_CHECK(listen());
  dial();
  thread_ = std::thread([this] { serve_queue(); });
  return {};
}

Result<void> Node::listen() {
  HALFOPEN_TRY(credentials, server_credentials(settings_));
  grpc::ServerBuilder builder;
  for (const auto& [name, value] : server_arguments(settings_))
    builder.AddChannelArgument(name, value);
  int port = 0;
  builder.AddListeningPort(settings_.listen, credentials, &port);
  builder.RegisterService(&service_);
  queue_ = builder.AddCompletionQueue();
  server_ = builder.BuildAndStart();
  if (server_ == nullptr || port == 0) return Problem{"cannot listen on ", settings_.listen};
  ServerLink::wait(*this);
  return {};
}

void Node::dial() {
  for (std::size_t i = 0; i < settings_.peers.size(); ++i) {
    if (settings_.peers[i].address.empty()) continue;
    dialled_.push_back(
        std::make_unique<ClientLink>(*this, i, make_channel(settings_, settings_.peers[i])));
    dialled_.back()->start();
  }
}

void Node::serve_queue() {
  void* tag = nullptr;
  bool ok = false;
  while (queue_->Next(&tag, &ok))
    run([&] { (*static_cast<Tag*>(tag))(ok); });
}

void Node::run(const std::function<void()>& work) {
  const std::scoped_lock lock(mutex_);
  work();
  settle();
}

void Node::settle() {
  while (!later_.empty()) {
    for (const auto& work : std::exchange(later_, {}))
      work();
  }
  for (Link* link : links_) {
    if (link != nullptr) link->flush();
  }
  auto replies = voter_->take_replies();
  if (replies.empty()) return;
  boost::asio::post(context_, [due = std::move(replies)] {
    for (const auto& [reply, response] : due)
      reply(response);
  });
}

void Node::cast(bool wait_for_peers, Reply reply) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  run([&] {
    voter_->cast(wait_for_peers, std::chrono::duration_cast<std::chrono::milliseconds>(now).count(),
                 std::move(reply));
  });
}

std::optional<std::size_t> Node::peer_named(const std::string& name) const {
  for (std::size_t i = 0; i < settings_.peers.size(); ++i) {
    if (settings_.peers[i].name == name) return i;
  }
  return std::nullopt;
}

void Node::attach(std::size_t peer, Link& link) {
  Link* old = std::exchange(links_[peer], &link);
  voter_->lose_stream(peer);
  if (old == nullptr) return;
  old->is_up_ = false;
  old->cancel();
}

void Node::detach(std::size_t peer, Link& link) {
  if (links_[peer] != &link) return;
  links_[peer] = nullptr;
  voter_->lose_stream(peer);
}

}  // namespace halfopen::grpc_node

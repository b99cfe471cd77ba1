#include "tests/bench/grpc_node/link.hpp"

#include <chrono>

#include "tests/bench/grpc_node/node.hpp"

namespace halfopen::grpc_node {

Link::Link(Node& node)
    : node_(node),
      read_tag_([this](bool ok) { on_read(ok); }),
      written_tag_([this](bool ok) { on_written(ok); }) {}

void Link::begin(Reader& reader, Writer& writer) {
  reader_ = &reader;
  writer_ = &writer;
  is_up_ = true;
  has_heard_ = false;
  is_reading_ = true;
  reader_->Read(&received_, &read_tag_);
  node_.attach(*peer_, *this);
}

void Link::flush() {
  if (!is_up_ || is_writing_ || !node_.voter().fill(*peer_, node_.scratch())) return;
  is_writing_ = true;
  writer_->Write(node_.scratch(), &written_tag_);
}

void Link::on_read(bool ok) {
  is_reading_ = false;
  if (!ok || !is_up_) return break_up();
  has_heard_ = true;
  node_.voter().take(*peer_, received_);
  is_reading_ = true;
  reader_->Read(&received_, &read_tag_);
}

void Link::on_written(bool ok) {
  is_writing_ = false;
  if (!ok || !is_up_) return break_up();
  flush();
}

void Link::break_up() {
  if (is_up_) {
    is_up_ = false;
    node_.detach(*peer_, *this);
    cancel();
  }
  if (!is_reading_ && !is_writing_) on_idle();
}

ClientLink::ClientLink(Node& node, std::size_t peer, std::shared_ptr<grpc::Channel> channel)
    : Link(node),
      stub_(Votes::NewStub(std::move(channel))),
      started_tag_([this](bool ok) {
        if (!ok) return on_idle();
        begin(*stream_, *stream_);
      }),
      finished_tag_([this](bool) { on_finished(); }),
      again_tag_([this](bool) { start(); }) {
  set_peer(peer);
}

void ClientLink::start() {
  stream_.reset();
  context_ = std::make_unique<grpc::ClientContext>();
  // The call waits for the channel, which goes on dialling.
  context_->set_wait_for_ready(true);
  context_->AddMetadata("name", node_.settings().name);
  stream_ = stub_->PrepareAsyncExchange(context_.get(), &node_.queue());
  stream_->StartCall(&started_tag_);
}

void ClientLink::on_idle() {
  stream_->Finish(&status_, &finished_tag_);
}

// A stream that carried something is made again at once: how soon the channel dials for it, and how
// often, is the channel's affair. A peer that takes the connection and not the call would be asked
// without a pause.
void ClientLink::on_finished() {
  if (has_heard()) return start();
  alarm_.Set(
      &node_.queue(),
      std::chrono::system_clock::now() + std::chrono::milliseconds(node_.settings().backoff_ms_min),
      &again_tag_);
}

ServerLink::ServerLink(Node& node)
    : Link(node),
      stream_(&context_),
      accepted_tag_([this](bool ok) { on_accepted(ok); }),
      finished_tag_([this](bool) { delete this; }) {}

void ServerLink::wait(Node& node) {
  auto* link = new ServerLink(node);
  node.service().RequestExchange(&link->context_, &link->stream_, &node.queue(), &node.queue(),
                                 &link->accepted_tag_);
}

void ServerLink::on_accepted(bool ok) {
  if (!ok) {
    delete this;  // The server shuts down.
    return;
  }
  wait(node_);
  const auto found = node_.peer_named(caller());
  if (!found) return finish({grpc::StatusCode::UNAUTHENTICATED, "no peer of this node"});
  set_peer(*found);
  begin(stream_, stream_);
}

// By TLS, who the certificate says; without, who the caller says.
std::string ServerLink::caller() const {
  const auto authenticated = context_.auth_context();
  if (authenticated->IsPeerAuthenticated()) {
    const auto names = authenticated->FindPropertyValues(GRPC_X509_CN_PROPERTY_NAME);
    return names.empty() ? "" : std::string(names.front().data(), names.front().size());
  }
  const auto found = context_.client_metadata().find("name");
  return found == context_.client_metadata().end()
             ? ""
             : std::string(found->second.data(), found->second.size());
}

void ServerLink::finish(const grpc::Status& status) {
  stream_.Finish(status, &finished_tag_);
}

}  // namespace halfopen::grpc_node

#include "tests/unit/node_endpoint.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "node/core/limits.hpp"

namespace halfopen::node::test {

Endpoint::Endpoint(NodeSettings settings, const Journal& journal) : node_(std::move(settings)) {
  node_.restore(journal);
  node_.start(now_);
  drain();
}

const Peer& Endpoint::peer(const std::string& name) const {
  const auto found = std::find_if(node_.peers().begin(), node_.peers().end(),
                                  [&](const Peer& peer) { return peer.name() == name; });
  HALFOPEN_ASSERT(found != node_.peers().end());
  return *found;
}

ConnectionId Endpoint::connect(const std::string& peer) {
  const ConnectionId connection = node_.new_connection_id();
  handle(ConnectionAccepted{connection});
  say(connection, Hello{kProtocolVersion, node_.settings().network, peer});
  (void)take_written(connection);
  return connection;
}

void Endpoint::say(ConnectionId connection, const Message& message) {
  handle(BytesReceived{connection, *encode_frame(message)});
}

void Endpoint::answer_stores(bool is_durable) {
  handle(StoreAnswered{disk_.finish(disk_.waiting(), is_durable)});
}

std::uint64_t Endpoint::request(const CastRequest& request, bool waits_for_peers) {
  handle(CastRequested{request, ++last_ticket_, waits_for_peers});
  return last_ticket_;
}

VoteId Endpoint::cast(const CastRequest& request) {
  const std::uint64_t ticket = this->request(request);
  answer_stores();
  return std::get<VoteId>(answers_.at(ticket));
}

void Endpoint::handle(const Event& event) {
  node_.handle(event, now_);
  drain();
}

std::vector<Message> Endpoint::take_written(ConnectionId connection) {
  return std::exchange(written_[connection], {});
}

void Endpoint::drain() {
  while (auto action = node_.poll_action()) {
    if (const auto* write = std::get_if<Write>(&*action)) {
      const auto body = std::span(*write->frame).subspan(kFrameHeaderBytes);
      written_[write->connection].push_back(*decode_body(body));
    } else if (const auto* store = std::get_if<Store>(&*action)) {
      disk_.put(*store);
      entries_.push_back(store->entry);
    } else if (const auto* answered = std::get_if<AnswerCast>(&*action)) {
      const bool is_first = answers_.emplace(answered->ticket, answered->answer).second;
      HALFOPEN_ASSERT(is_first);
    } else if (const auto* closed = std::get_if<Close>(&*action)) {
      closed_.push_back(closed->connection);
    } else if (const auto* dial = std::get_if<Dial>(&*action)) {
      dials_.push_back(dial->connection);
    } else if (auto* note = std::get_if<Note>(&*action)) {
      notes_.push_back(std::move(*note));
    }
  }
}

}  // namespace halfopen::node::test

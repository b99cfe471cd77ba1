#include "tests/unit/node_note_text.hpp"

namespace halfopen::node::test {
namespace {

std::string text(std::string_view view) {
  return std::string(view);
}

struct Visitor {
  std::string operator()(const note::Transition& n) const {
    return n.peer + ": " + text(name_of(n.from)) + " -> " + text(name_of(n.to)) + " (" +
           text(name_of(n.reason)) + ")";
  }
  std::string operator()(const note::ConnectionOpened& n) const {
    return "opened " + n.peer + " " + text(name_of(n.direction));
  }
  std::string operator()(const note::ConnectionClosed& n) const {
    return "closed " + n.peer + " " + text(name_of(n.reason)) + ", " +
           std::to_string(n.connections_left) + " left";
  }
  std::string operator()(const note::DialEnded& n) const {
    return "dial " + n.peer + " " + text(n.outcome);
  }
  std::string operator()(const note::Broadcast& n) const {
    return "broadcast to " + std::to_string(n.peers) + " peers, " + std::to_string(n.connections) +
           " connections";
  }
  std::string operator()(const note::VoteSent& n) const {
    return "sent " + n.peer + " attempt " + std::to_string(n.attempt);
  }
  std::string operator()(const note::VoteAcked& n) const { return "acked " + n.peer; }
  std::string operator()(const note::VoteReceived& n) const {
    return "received " + n.peer + " " + text(name_of(n.outcome));
  }
  std::string operator()(const note::VoteAbandoned& n) const {
    return "abandoned " + n.peer + " " + text(name_of(n.reason));
  }
  std::string operator()(const note::PingNoted& n) const {
    return "ping " + text(n.peer) + " " + text(name_of(n.step));
  }
  std::string operator()(const note::EquivocationFound& n) const {
    return "equivocation of " + n.peer;
  }
  std::string operator()(const note::QuorumReached& n) const {
    return "quorum " + std::to_string(n.weight) + " of " + std::to_string(n.total_weight);
  }
  std::string operator()(const note::VoteCast&) const { return {}; }
  std::string operator()(const note::OutboxChanged&) const { return {}; }
  std::string operator()(const note::BytesCame&) const { return {}; }
};

}  // namespace

std::string text_of(const Note& note) {
  return std::visit(Visitor{}, note);
}

}  // namespace halfopen::node::test

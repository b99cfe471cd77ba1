// What the core is told. A connection that the core has already given up may still be named by an
// event that was under way: such events are ignored.
#pragma once

#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "base/ids.hpp"
#include "node/core/journal.hpp"
#include "node/core/reasons.hpp"
#include "node/core/settings.hpp"
#include "node/core/vote.hpp"

namespace halfopen::node {

// The deadline of next_deadline() has come. A spurious one changes nothing.
struct TimePassed {};

struct DialSucceeded {
  ConnectionId connection;
};
struct DialFailed {
  ConnectionId connection;
  int error = 0;
};
// Somebody dialled us. The id is one of Node::new_connection_id().
struct ConnectionAccepted {
  ConnectionId connection;
  std::uint64_t source = 0;  // the same for all connections from one host
};
// TLS is open on a connection that somebody dialled, and this is the key at the other end.
struct Secured {
  ConnectionId connection;
  PublicKey key;
};
// TLS did not open: kTlsFailed or kWrongKey.
struct HandshakeFailed {
  ConnectionId connection;
  Reason reason{};
};
// Good during this one call.
struct BytesReceived {
  ConnectionId connection;
  std::span<const std::uint8_t> bytes;
};
// A read said that a FIN has come.
struct StreamEnded {
  ConnectionId connection;
};
// A read or a write failed.
struct ConnectionFailed {
  ConnectionId connection;
  SocketFacts facts;
};
// The kernel took every byte of this vote's frame.
struct VoteWritten {
  ConnectionId connection;
  VoteId vote;
};
// The answers to the oldest actions Store that were not answered, in their order. They come
// together, because what became durable together is acknowledged together.
struct StoreAnswered {
  std::vector<StoreAnswer> answers;
};
// What a caller asks to vote for. No height: the next after this node's highest.
struct CastRequest {
  std::optional<std::uint64_t> height = std::nullopt;
  std::uint32_t round = 0;
  VoteKind kind = VoteKind::kPrecommit;
  std::optional<Choice> choice = std::nullopt;
  std::int64_t time_milliseconds = 0;
};
// Answered by the action AnswerCast with the same ticket, once.
struct CastRequested {
  CastRequest request;
  std::uint64_t ticket = 0;
  bool waits_for_peers = false;  // the answer comes when every peer has acknowledged the vote
};
// The peers are these from now on. Who has the same name and key keeps its connection and what it
// is owed.
struct PeersChanged {
  std::vector<PeerSettings> peers;
};
// Stop: wait a little for acknowledgements (or not), then close everything.
struct ShutdownRequested {
  bool at_once = false;
};

using Event =
    std::variant<TimePassed, DialSucceeded, DialFailed, ConnectionAccepted, Secured,
                 HandshakeFailed, BytesReceived, StreamEnded, ConnectionFailed, VoteWritten,
                 StoreAnswered, CastRequested, PeersChanged, ShutdownRequested>;

}  // namespace halfopen::node

// What the core is told. A connection that the core has already given up may still be named by an
// event that was under way: such events are ignored.
#pragma once

#include <cstdint>
#include <span>
#include <variant>

#include "base/ids.hpp"
#include "node/core/reasons.hpp"
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
// The answer to the action StoreVote.
struct VoteStored {
  ConnectionId connection;
  Vote vote;
  VoteId id;
  bool stored = true;  // false: the store failed, and the vote must not be acknowledged
};
// A vote of this node that was proposed and is in the store.
struct CastStored {
  Vote vote;
};
// Stop: wait a little for acknowledgements, then close everything.
struct ShutdownRequested {};

using Event = std::variant<TimePassed, DialSucceeded, DialFailed, ConnectionAccepted, BytesReceived,
                           StreamEnded, ConnectionFailed, VoteWritten, VoteStored, CastStored,
                           ShutdownRequested>;

}  // namespace halfopen::node

// What the core wants done. Actions are carried out in the order in which they are polled: a vote
// is stored before its acknowledgement is even asked for, and a death is noted before its socket
// closes.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "base/ids.hpp"
#include "node/core/message.hpp"
#include "node/core/note.hpp"

namespace halfopen::node {

// Answered by DialSucceeded or DialFailed, unless Close comes first.
struct Dial {
  ConnectionId connection;
  std::string peer;
};
// Give the frame to the kernel now, in one write or as header and body. Bytes that the kernel does
// not take wait for it; a failure is answered by ConnectionFailed.
struct Write {
  ConnectionId connection;
  SharedFrame frame;
  int writes = 1;
  std::optional<VoteId> vote;  // answered by VoteWritten when all of it was taken
};
// Whether a read is to be pending. Without one, nobody may look at the socket: neither a FIN nor a
// RST may be noticed.
struct SetReading {
  ConnectionId connection;
  bool reading = false;
};
// Close the socket. Nothing is told of this connection afterwards.
struct Close {
  ConnectionId connection;
};
// Answered by VoteStored.
struct StoreVote {
  ConnectionId connection;
  Vote vote;
  VoteId id;
};
// The peer has this vote: it need not be offered again after a restart.
struct RecordDelivery {
  std::string peer;
  VoteId vote;
};
// Everything is closed; the program may end.
struct Stop {};

using Action = std::variant<Dial, Write, SetReading, Close, StoreVote, RecordDelivery, Stop, Note>;

}  // namespace halfopen::node

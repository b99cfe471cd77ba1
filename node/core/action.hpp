// What the core wants done. Actions are carried out in the order in which they are polled: a death
// is noted before its socket closes.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "base/ids.hpp"
#include "node/core/journal.hpp"
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
// Answered by StoreAnswered, in the order of these actions.
struct Store {
  std::uint64_t ticket = 0;
  JournalEntry entry;
};
enum class CastRefusal : std::uint8_t {
  kConflict,    // this node has voted otherwise for the slot
  kForgotten,   // it may have: the slot is older than what it remembers
  kOutboxFull,  // a peer is owed too much: try again later
  kStoreFailed,
  kStopping,
};
[[nodiscard]] std::string_view name_of(CastRefusal refusal);
struct AnswerCast {
  std::uint64_t ticket = 0;
  std::variant<VoteId, CastRefusal> answer;
};
// Everything is closed; the program may end.
struct Stop {};

using Action = std::variant<Dial, Write, SetReading, Close, Store, AnswerCast, Stop, Note>;

}  // namespace halfopen::node

// What the core has to say to people and to metrics: facts that change nothing outside.
//
// Notes travel among the actions, in order, and before the action that ends a socket: whoever reads
// a note of a death can still ask the kernel about the socket.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "node/core/journal.hpp"
#include "node/core/message.hpp"
#include "node/core/reasons.hpp"
#include "node/core/vote.hpp"

namespace halfopen::node {

// One peer, as this node sees it.
//
//            start             connected               hello                late
//   Idle ------------> Dialing -----------> Handshaking -----> Healthy <-----------> Suspect
//    |  ^                ^  | failed             | failed      |   |      answered      |
//    |  |      retry_due |  v                    v             |   v                    v
//    |  |              Backoff <-------------------------------|-- with reconnect, where we dial
//    |  |                  Closed <----------------------------|-- without it
//    |  +------------------------------------------------------+ where the peer dials
//    +--- the peer's own dial, accepted (from any state) ---> Healthy
//
// Closed is not dialled again, but a dial of the peer is still welcome.
enum class PeerState : std::uint8_t {
  kIdle,
  kDialing,
  kHandshaking,
  kHealthy,
  kSuspect,
  kBackoff,
  kClosed,
};
inline constexpr std::size_t kPeerStateCount = 7;
[[nodiscard]] std::string_view name_of(PeerState state);
// Votes can be sent: Healthy or Suspect.
[[nodiscard]] constexpr bool is_up(PeerState state) {
  return state == PeerState::kHealthy || state == PeerState::kSuspect;
}

enum class Direction : std::uint8_t { kOutbound, kInbound };
[[nodiscard]] std::string_view name_of(Direction direction);

namespace note {

struct Transition {
  std::string peer;
  std::optional<ConnectionId> connection;
  PeerState from{};
  PeerState to{};
  Reason reason{};
  int error = 0;          // the errno that the core was told, 0 if none
  Duration since_life{};  // since the last received byte (or the opening)
};
struct ConnectionOpened {
  std::string peer;
  ConnectionId connection;
  Direction direction{};
  std::size_t connections = 0;  // in the pool, with this one
};
struct ConnectionClosed {
  std::string peer;  // empty: it never said who it was
  ConnectionId connection;
  Reason reason{};
  int error = 0;
  bool was_open = false;             // hellos had been exchanged
  std::size_t connections_left = 0;  // in the pool, after this one
};
struct DialEnded {
  std::string peer;
  std::string_view outcome;  // connected, refused, timeout, unreachable, failed
  Duration took{};
};
struct Broadcast {
  VoteId vote;
  std::size_t peers = 0;
  std::size_t connections = 0;
};
struct VoteSent {
  std::string peer;
  ConnectionId connection;
  VoteId vote;
  std::uint32_t attempt = 1;
};
struct VoteAcked {
  std::string peer;
  VoteId vote;
  Duration since_first_send{};
};
enum class Received : std::uint8_t { kStored, kDuplicate, kRejected };
inline constexpr std::size_t kReceivedCount = 3;
struct VoteReceived {
  std::string peer;
  Vote vote;
  VoteId id;
  Received outcome{};
  std::optional<Refusal> refusal = std::nullopt;  // of a rejected one, unless the store failed
};
// Two different votes of one voter for one slot. The pair is in the store.
struct EquivocationFound {
  std::string peer;  // the voter's name
  Equivocation evidence;
};
// More than two thirds of all weight chose the same. Once for each slot and choice.
struct QuorumReached {
  Slot slot;
  std::optional<Choice> choice;
  std::uint64_t weight = 0;
  std::uint64_t total_weight = 0;
};
struct VoteCast {
  Vote vote;
  VoteId id;
};
enum class Abandoned : std::uint8_t {
  kNoConnection,
  kOutboxFull,  // whatever the connection does: kOutboxVotesMax votes are owed already
  kSendFailed,
  kAckTimeout,
  kRejected,  // the peer says that it never stores it
  kRemoved,   // the peer is configured no longer
};
inline constexpr std::size_t kAbandonedCount = 6;
struct VoteAbandoned {
  std::string peer;
  VoteId vote;
  Abandoned reason{};
};
enum class PingStep : std::uint8_t { kSent, kAnswered, kTimeout };
// These two come with every ping, so they only borrow the name: it is good until the node changes
// again.
struct PingNoted {
  std::string_view peer;
  PingStep step{};
  Duration round_trip{};  // of an answered one
};
struct OutboxChanged {
  std::string peer;
  std::size_t votes = 0;
};
struct BytesCame {
  std::string_view peer;
};

}  // namespace note

using Note =
    std::variant<note::Transition, note::ConnectionOpened, note::ConnectionClosed, note::DialEnded,
                 note::Broadcast, note::VoteSent, note::VoteAcked, note::VoteReceived,
                 note::VoteAbandoned, note::PingNoted, note::OutboxChanged, note::BytesCame,
                 note::EquivocationFound, note::QuorumReached, note::VoteCast>;

[[nodiscard]] std::string_view name_of(note::Received outcome);
[[nodiscard]] std::string_view name_of(note::Abandoned reason);
[[nodiscard]] std::string_view name_of(note::PingStep step);

}  // namespace halfopen::node

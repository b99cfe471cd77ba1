// Every bound of the node, once. A queue, frame or table without a limit is a way for one bad peer
// to take the whole node down; what happens at each limit is said beside it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/time.hpp"

namespace halfopen::node {

inline constexpr std::uint32_t kProtocolVersion = 2;

inline constexpr std::size_t kFrameHeaderBytes = 4;
// A longer frame ends the connection (protocol_error).
inline constexpr std::size_t kFrameBodyBytesMax = std::size_t{64} * 1024;
// Names of networks and nodes. A longer one is a malformed message, or a configuration error.
inline constexpr std::size_t kNameBytesMax = 64;
// More peers are a configuration error.
inline constexpr std::size_t kPeersMax = 256;
// Accepted connections that have not said hello: past it the oldest one is closed, and counted.
inline constexpr std::size_t kUnknownConnectionsMax = 64;
// Connections from one host: so many at once, then one an interval; further ones are closed at
// once, and counted. Enough for all peers to come back together from behind one address.
inline constexpr int kStrangerBurst = 512;
inline constexpr Duration kStrangerInterval = std::chrono::milliseconds(10);
// How long a connection may take to say hello.
inline constexpr Duration kHandshakeDeadline = std::chrono::seconds(5);
// A deadline that is noticed later than this came while the process did not run (stopped, starved,
// or on a suspended machine): what the peer said meanwhile may be there, unread, so it gets one
// more.
inline constexpr Duration kLateWakeup = std::chrono::milliseconds(100);
// Votes owed to one peer: at the limit a cast is refused (with retry), or abandoned for this peer
// (without it).
inline constexpr std::size_t kOutboxVotesMax = 10'000;
// Votes on the wire and not acknowledged: further ones wait in the outbox.
inline constexpr std::size_t kInFlightVotesMax = 1'024;
// Votes that one Ack names: more are acknowledged by several.
inline constexpr std::size_t kAckVotesMax = 1'024;
// Votes of one peer that are being stored: an honest one never has more in flight, so past it the
// connection is given up (overflow).
inline constexpr std::size_t kPendingPeerVotesMax = 2 * kInFlightVotesMax;
// Bytes that the kernel did not take yet: past it the connection is given up (overflow).
inline constexpr std::size_t kSendQueueBytesMax = std::size_t{4} * 1024 * 1024;
// The last millisecond of the year 9999, since 1970. A peer's vote from before or after is
// rejected: no clock shows such a time.
inline constexpr std::int64_t kVoteTimeMillisecondsMax = 253'402'300'799'999;
// Votes of one voter that are remembered, to know a resend and an equivocation: older ones are
// forgotten. Larger than what can be owed, so that a vote that is sent again is still known. The
// configuration may choose another number from the smaller of the two bounds on.
inline constexpr std::size_t kRetentionVotesDefault = 100'000;
inline constexpr std::size_t kRetentionVotesMin = 2 * kOutboxVotesMax;
inline constexpr std::size_t kRetentionVotesMax = 10'000'000;
// Heights, rounds and kinds that are counted at a time: the lowest ones are dropped first.
inline constexpr std::size_t kTallySlotsMax = 10'000;
// Pairs of votes kept as evidence, in memory and in the store: further ones are counted only.
inline constexpr std::size_t kEvidenceMax = 1'000;
// A voter's weight. The sum of kPeersMax + 1 of them, times three, is far from overflowing.
inline constexpr std::uint64_t kWeightMax = 1'000'000'000'000;
// Without `reconnect`, the first connection is still tried for this long, because the processes of
// a test start in any order.
inline constexpr Duration kFirstConnectionWindow = std::chrono::seconds(10);
// How long a stopping node waits for acknowledgements of what it has sent.
inline constexpr Duration kDrainTimeoutDefault = std::chrono::seconds(1);

static_assert(kStrangerBurst >= static_cast<int>(2 * kPeersMax));
static_assert(kInFlightVotesMax <= kOutboxVotesMax);
static_assert(kFrameBodyBytesMax >= 16 * kNameBytesMax, "a vote with its names must fit a frame");
static_assert(kSendQueueBytesMax >= kFrameHeaderBytes + kFrameBodyBytesMax);

}  // namespace halfopen::node

// Follows TCP through a middlebox by what is seen on its two wires: which segments it passed on,
// which it swallowed, which it made itself.
//
// Intuition: a middlebox cannot be asked, but it can be watched. A segment that arrived on one side
// and left by the other was forwarded; one that never left was dropped; one that left without
// having arrived is the middlebox's own. What translation changes (the inside end's address and
// port) is learnt from the pairs.
//
// Invariants:
// - Segments are given in the order in which they were captured; times come with them.
// - An arrival is judged once: forwarded, answered by the middlebox's own reset, or dropped after
//   kForwardingMax. Forwarding takes microseconds; a kernel that is preempted takes longer.
// - A connection's number is its own for ever; a SYN with another sequence number is another one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "harness/model/wire/segment.hpp"

namespace halfopen {

enum class WireSide : std::uint8_t { kInside, kOutside };
inline constexpr std::array kWireSides{WireSide::kInside, WireSide::kOutside};
[[nodiscard]] constexpr WireSide other(WireSide side) {
  return side == WireSide::kInside ? WireSide::kOutside : WireSide::kInside;
}
[[nodiscard]] constexpr std::size_t index_of(WireSide side) {
  return side == WireSide::kInside ? 0 : 1;
}

enum class Passage : std::uint8_t { kArrived, kLeft };

// What a segment that crosses the middlebox does for an idle timer. A keep-alive probe has no
// payload, or one byte of old data, and a sequence number one before the next expected.
enum class SegmentKind : std::uint8_t { kData, kAck, kKeepalive, kControl };
[[nodiscard]] std::string_view to_text(SegmentKind kind);

struct FollowedConnection {
  std::uint64_t number = 0;
  WireSide dialer = WireSide::kInside;  // who sent the SYN, or the first segment that was seen
  std::array<Endpoint, 2> ends{};       // by side, as that side itself says; {} until seen
  Endpoint seen_from_outside;           // the inside end as the outside sees it
  bool is_open = false;                 // the handshake was seen and nothing has closed it
};

// What happened; `connection` is its number. Times are those of the segments.
struct Opened {
  std::uint64_t connection = 0;
  Instant at;
};
struct DialFailed {
  std::uint64_t connection = 0;
  Instant at;
  bool was_refused = false;  // else nobody answered
};
struct Arrived {
  std::uint64_t connection = 0;
  Instant at;
};
struct Forwarded {
  std::uint64_t connection = 0;
  Instant at;
  WireSide from = WireSide::kInside;
  SegmentKind kind = SegmentKind::kAck;
  std::uint32_t new_bytes = 0;  // payload that was not forwarded before
  bool is_reset = false;
  bool has_new_translation = false;  // the outside sees the inside end by another name than before
};
struct Dropped {
  std::uint64_t connection = 0;
  Instant at;
  WireSide from = WireSide::kInside;
};
// The middlebox sent a reset of its own to this side.
struct ResetByMiddlebox {
  std::uint64_t connection = 0;
  Instant at;
  WireSide toward = WireSide::kInside;
};
struct Closed {
  std::uint64_t connection = 0;
  Instant at;
  std::string_view reason;  // fin, reset, replaced
};
using Happening =
    std::variant<Opened, DialFailed, Arrived, Forwarded, Dropped, ResetByMiddlebox, Closed>;

class LinkFollower {
 public:
  static constexpr Duration kForwardingMax = std::chrono::milliseconds(50);
  static constexpr Duration kDialAnswerMax = std::chrono::seconds(10);
  static constexpr std::size_t kConnectionsMax = 100'000;
  static constexpr std::size_t kPendingMax = 10'000;

  [[nodiscard]] std::vector<Happening> handle_segment(WireSide side, Passage passage,
                                                      const Segment& segment);
  // Judges what has waited for its fate long enough at `now`.
  [[nodiscard]] std::vector<Happening> handle_time(Instant now);

  [[nodiscard]] const FollowedConnection* find(std::uint64_t connection) const;
  // By its ends as the inside sees them.
  [[nodiscard]] const FollowedConnection* find(const Endpoint& inside,
                                               const Endpoint& outside) const;
  [[nodiscard]] std::size_t open_connections() const { return open_; }
  [[nodiscard]] std::vector<std::uint64_t> open_numbers() const;
  // Segments of connections beyond the limit.
  [[nodiscard]] std::uint64_t unfollowed_segments() const { return unfollowed_; }

 private:
  // A connection on one side's wire: the end that is there and the end that is beyond.
  struct Key {
    WireSide side = WireSide::kInside;
    Endpoint near;
    Endpoint far;
    auto operator<=>(const Key&) const = default;  // NOLINT(modernize-use-nullptr)
  };
  struct Direction {
    std::optional<std::uint32_t> next_arriving;   // the next expected sequence number
    std::optional<std::uint32_t> next_forwarded;  // of what has left by the other side
    std::optional<std::uint32_t> syn;
    bool has_answered = false;  // its SYN-ACK was forwarded
    bool is_finished = false;   // its FIN was forwarded
    bool is_over = false;       // its socket is gone: it sent or was sent a reset
  };
  struct State {
    FollowedConnection connection;
    std::array<Direction, 2> from;
    Instant dialled_at;
    bool is_dialling = false;
    bool is_closed = false;
  };
  struct Pending {
    WireSide side = WireSide::kInside;
    std::uint64_t connection = 0;
    Segment segment;
    SegmentKind kind = SegmentKind::kAck;
  };

  State* connection_of(WireSide side, const Segment& segment);
  State* make_connection(const Key& key, const Segment& segment);
  void handle_arrival(WireSide side, const Segment& segment);
  void handle_departure(WireSide side, const Segment& segment);
  void forward(const Pending& arrival, const Segment& as_it_left);
  void handle_own_reset(WireSide toward, const Segment& segment);
  void follow_handshake(State& state, const Pending& arrival);
  void end_side(State& state, WireSide side, Instant at);
  void close(State& state, Instant at, std::string_view reason);
  [[nodiscard]] std::vector<Happening> take();

  std::map<Key, std::uint64_t> by_key_;
  std::map<std::uint64_t, State> connections_;
  std::vector<std::uint64_t> dialling_;
  std::deque<Pending> pending_;
  std::vector<Happening> happenings_;
  std::uint64_t next_number_ = 1;
  std::size_t open_ = 0;
  std::uint64_t unfollowed_ = 0;
};

}  // namespace halfopen

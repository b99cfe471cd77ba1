// What is owed to one peer, in the order of casting.
//
// A vote stays until the peer says that it has stored it. "The kernel took it" is no delivery:
// after a connection died, everything unacknowledged is unsent again, whatever send(2) had
// answered.
//
// At most kOutboxVotesMax votes, or as many more as a store has held at a start; nobody may add to
// a full one.
//
// Invariant: those in flight come before those that are not.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "base/time.hpp"
#include "node/core/message.hpp"

namespace halfopen::node {

class Outbox {
 public:
  struct Entry {
    VoteId vote;
    SharedFrame frame;
    std::uint32_t attempts = 0;       // connections that it was given to
    bool written = false;             // the kernel took all of it, on the current connection
    std::optional<Instant> first_at;  // when it was first given to a connection
    std::optional<Instant> sent_at;   // ... to the current one
  };

  [[nodiscard]] bool is_full() const;
  [[nodiscard]] bool is_empty() const { return entries_.empty(); }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] std::size_t in_flight() const { return in_flight_; }
  // When the oldest vote in flight was given to the connection.
  [[nodiscard]] std::optional<Instant> oldest_in_flight_at() const;

  // Whether there is room is the caller's to ask.
  void push(VoteId vote, SharedFrame frame);
  // The next vote that the current connection has not been given, marked as given at `now`. Nothing
  // when there is none, or when enough are in flight. The pointer is good until the next change.
  const Entry* send_next(Instant now);
  // The kernel took all of it. Answers the entry, or nothing if it is not in flight.
  const Entry* mark_written(const VoteId& vote);
  [[nodiscard]] bool contains(const VoteId& vote) const;
  // Removes the vote and answers its entry; nothing if it is not owed (a second ACK).
  std::optional<Entry> acknowledge(const VoteId& vote);
  // The connection is gone: everything is to be sent again, in the old order.
  void requeue();
  // Takes everything out: nothing is owed any more.
  std::vector<Entry> abandon();

 private:
  std::deque<Entry> entries_;
  std::size_t in_flight_ = 0;  // the first ones of entries_
  // Where the next one to be written is most likely: the kernel takes them in order.
  std::size_t unwritten_ = 0;
};

}  // namespace halfopen::node

// Which connections to look at, and when: every one in its turn, the busy ones often, each at its
// deadline.
//
// Intuition: a look costs a microsecond and tells what came since the last one, so it is a trade of
// lateness against CPU. Who is idle is looked at in a slow rotation, a slice a tick, never all at
// once. Who has just moved is looked at closely for a moment, since the last packet of an exchange,
// the ACK of its data, wakes nobody. And whoever is about to expire is looked at right then.
//
// Invariants: everyone is looked at within interval() plus one tick; a deadline is never early;
// what is idle costs only its turn of the rotation; nothing here depends on the order of a hash.
#pragma once

#include <cstddef>
#include <optional>
#include <queue>
#include <unordered_map>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"

namespace halfopen {

class LookSchedule {
 public:
  // The rotation's period; `hot_interval` is that of the busy ones.
  void set_intervals(Duration interval, Duration hot_interval);
  [[nodiscard]] Duration interval() const { return interval_; }

  void add(ConnectionId id, std::optional<Instant> deadline, Instant now);
  void remove(ConnectionId id);
  // Something has happened on it.
  void note_activity(ConnectionId id, Instant now);
  // It was looked at: the deadline is what it is now. One that is restless (it awaits an ACK)
  // stays busy for a while.
  void note_looked(ConnectionId id, std::optional<Instant> deadline, bool is_restless, Instant now);

  // Who is to be looked at now, in no particular order, nobody twice.
  [[nodiscard]] std::vector<ConnectionId> take_due(Instant now);
  // When take_due() has somebody again; any earlier call is harmless.
  [[nodiscard]] std::optional<Instant> next() const;
  [[nodiscard]] std::size_t size() const { return rotation_.size(); }
  [[nodiscard]] std::size_t busy() const { return busy_.size(); }

 private:
  struct Entry {
    std::size_t position = 0;         // in the rotation
    std::optional<Instant> deadline;  // as it is; the queue may hold an earlier one
    std::optional<Instant> queued;
    Instant active_at;
    Instant busy_until;
    bool is_busy = false;
  };
  struct Queued {
    Instant at;
    ConnectionId id;
    bool operator>(const Queued& right) const { return at > right.at; }
  };
  void queue(Entry& entry, ConnectionId id, Instant at);
  void stay_busy(Entry& entry, ConnectionId id, Instant until);
  void take_deadlines(Instant now, std::vector<ConnectionId>& due);
  void take_busy(Instant now, std::vector<ConnectionId>& due);
  void take_turn(Instant now, std::vector<ConnectionId>& due);
  [[nodiscard]] std::size_t slices() const;
  [[nodiscard]] Duration tick() const;

  Duration interval_{0};
  Duration hot_interval_{0};
  std::unordered_map<ConnectionId, Entry> entries_;
  std::vector<ConnectionId> rotation_;
  std::size_t cursor_ = 0;
  Instant turned_at_;
  std::vector<ConnectionId> busy_;
  Instant busy_looked_at_;
  std::priority_queue<Queued, std::vector<Queued>, std::greater<>> deadlines_;
};

}  // namespace halfopen

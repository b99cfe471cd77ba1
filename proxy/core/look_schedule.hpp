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
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"

namespace halfopen {

class LookSchedule {
 public:
  // Of everybody; `busy_interval` is that of the busy ones.
  void set_intervals(Duration interval, Duration busy_interval);
  [[nodiscard]] Duration interval() const { return interval_; }

  // Answers its place.
  std::size_t add(ConnectionId id, std::optional<Instant> deadline, Instant now);
  void remove(std::size_t place);
  // Something has happened on it.
  void note_activity(std::size_t place, Instant now);
  // It was looked at: the deadline is what it is now. One that is restless (it awaits an ACK)
  // stays busy for a while.
  void note_looked(std::size_t place, std::optional<Instant> deadline, bool is_restless,
                   Instant now);
  // Nothing has come on it: its deadline stays.
  void note_quiet(std::size_t place, Instant now);
  [[nodiscard]] bool is_deadline_due(std::size_t place, Instant now) const {
    const auto deadline = entries_.at(place).deadline;
    return deadline && *deadline <= now;
  }

  // Who is to be looked at now, in the order of their ids, nobody twice.
  struct Due {
    ConnectionId id;
    std::size_t place;
    bool operator<(const Due& right) const { return id < right.id; }
    bool operator==(const Due& right) const { return id == right.id; }
  };
  [[nodiscard]] std::vector<Due> take_due(Instant now);
  // When take_due() has somebody again; any earlier call is harmless.
  [[nodiscard]] std::optional<Instant> next() const;
  [[nodiscard]] std::size_t size() const { return entries_.size() - free_.size(); }
  [[nodiscard]] std::size_t busy() const { return busy_.size(); }

 private:
  struct Entry {
    ConnectionId id;
    std::optional<Instant> deadline;
    Instant looked_at;
    Instant queued;  // never later than it is due
    Instant active_at;
    Instant busy_until;
    bool is_busy = false;
    bool is_used = true;
  };
  struct Queued {
    Instant at;
    std::size_t place;
    bool operator>(const Queued& right) const { return at > right.at; }
  };
  [[nodiscard]] Instant due_at(const Entry& entry) const;
  void queue(std::size_t place, Instant at);
  void stay_busy(std::size_t place, Instant until);
  void take_queued(Instant now, std::vector<Due>& due);
  void take_busy(Instant now, std::vector<Due>& due);

  Duration interval_{0};
  Duration busy_interval_{0};
  std::vector<Entry> entries_;  // by place
  std::vector<std::size_t> free_;
  // Of several of one place only the one at its entry's `queued` counts.
  std::priority_queue<Queued, std::vector<Queued>, std::greater<>> queue_;
  std::vector<std::size_t> busy_;
  Instant busy_looked_at_;
};

}  // namespace halfopen

#include "proxy/core/look_schedule.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace halfopen {
namespace {

// An ACK may be delayed by 40 ms (net/ipv4/tcp_output.c, TCP_DELACK_MIN), with room.
constexpr Duration kBusyFor = std::chrono::milliseconds(100);
// Who is never answered is not watched closely for ever.
constexpr Duration kRestlessMax = std::chrono::seconds(1);
// So many a tick are worth its wake-up, and hold up nobody else.
constexpr std::size_t kSliceMax = 64;

}  // namespace

void LookSchedule::set_intervals(Duration interval, Duration hot_interval) {
  interval_ = interval;
  hot_interval_ = hot_interval;
}

void LookSchedule::add(ConnectionId id, std::optional<Instant> deadline, Instant now) {
  Entry entry;
  entry.position = rotation_.size();
  entry.deadline = deadline;
  entry.active_at = now;
  if (rotation_.empty()) turned_at_ = now;
  const auto [added, is_new] = entries_.emplace(id, entry);
  HALFOPEN_ASSERT(is_new);
  rotation_.push_back(id);
  if (deadline) queue(added->second, id, *deadline);
  stay_busy(added->second, id, now + kBusyFor);
}

void LookSchedule::remove(ConnectionId id) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;
  const auto place = [this](ConnectionId moved, std::size_t position) {
    rotation_.at(position) = moved;
    entries_.at(moved).position = position;
  };
  // The gap is filled from the end; but the last one's turn is still to come, so where the gap lies
  // behind the cursor one that has had its turn fills it first.
  std::size_t gap = found->second.position;
  if (gap < cursor_) {
    --cursor_;
    place(rotation_.at(cursor_), gap);
    gap = cursor_;
  }
  if (gap + 1 < rotation_.size()) place(rotation_.back(), gap);
  rotation_.pop_back();
  if (found->second.is_busy) busy_.erase(std::find(busy_.begin(), busy_.end(), id));
  entries_.erase(id);
  if (entries_.empty()) deadlines_ = {};
}

void LookSchedule::note_activity(ConnectionId id, Instant now) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;
  found->second.active_at = now;
  stay_busy(found->second, id, now + kBusyFor);
}

void LookSchedule::note_looked(ConnectionId id, std::optional<Instant> deadline, bool is_restless,
                               Instant now) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  entry.deadline = deadline;
  // A queued one is put off when it comes up; only an earlier one has to be queued anew. Who is
  // overdue, because a look failed, is looked at again in a moment.
  if (deadline && (!entry.queued || *deadline < *entry.queued)) {
    queue(entry, id, std::max(*deadline, now + hot_interval_));
  }
  if (is_restless && now - entry.active_at < kRestlessMax) stay_busy(entry, id, now + kBusyFor);
}

void LookSchedule::queue(Entry& entry, ConnectionId id, Instant at) {
  entry.queued = at;
  deadlines_.push({at, id});
}

void LookSchedule::stay_busy(Entry& entry, ConnectionId id, Instant until) {
  entry.busy_until = until;
  if (entry.is_busy) return;
  entry.is_busy = true;
  busy_.push_back(id);
}

std::vector<ConnectionId> LookSchedule::take_due(Instant now) {
  std::vector<ConnectionId> due;
  take_deadlines(now, due);
  take_busy(now, due);
  take_turn(now, due);
  std::sort(due.begin(), due.end());
  due.erase(std::unique(due.begin(), due.end()), due.end());
  return due;
}

void LookSchedule::take_deadlines(Instant now, std::vector<ConnectionId>& due) {
  while (!deadlines_.empty() && deadlines_.top().at <= now) {
    const Queued top = deadlines_.top();
    deadlines_.pop();
    const auto found = entries_.find(top.id);
    // Not the entry's newest: it was removed, or queued anew.
    if (found == entries_.end() || found->second.queued != top.at) continue;
    Entry& entry = found->second;
    entry.queued.reset();
    if (!entry.deadline) continue;
    if (*entry.deadline > now) {
      queue(entry, top.id, *entry.deadline);
    } else {
      due.push_back(top.id);
    }
  }
}

void LookSchedule::take_busy(Instant now, std::vector<ConnectionId>& due) {
  if (busy_.empty() || now < busy_looked_at_ + hot_interval_) return;
  busy_looked_at_ = now;
  due.insert(due.end(), busy_.begin(), busy_.end());
  const auto calmed = [&](ConnectionId id) {
    Entry& entry = entries_.at(id);
    entry.is_busy = entry.busy_until > now;
    return !entry.is_busy;
  };
  busy_.erase(std::remove_if(busy_.begin(), busy_.end(), calmed), busy_.end());
}

std::size_t LookSchedule::slices() const {
  return std::max<std::size_t>(1, (rotation_.size() + kSliceMax - 1) / kSliceMax);
}

Duration LookSchedule::tick() const {
  return interval_ / static_cast<std::int64_t>(slices());
}

void LookSchedule::take_turn(Instant now, std::vector<ConnectionId>& due) {
  if (rotation_.empty() || now < turned_at_ + tick()) return;
  // As many ticks as have passed: a late wake-up makes up for it.
  const std::int64_t passed = tick() > Duration{0} ? (now - turned_at_) / tick() : 1;
  const std::size_t ticks = std::min(static_cast<std::size_t>(passed), slices());
  turned_at_ = std::max(turned_at_ + tick() * passed, now - interval_);
  const std::size_t slice = (rotation_.size() + slices() - 1) / slices();
  const std::size_t turn = std::min(rotation_.size(), ticks * slice);
  for (std::size_t i = 0; i < turn; ++i) {
    if (cursor_ >= rotation_.size()) cursor_ = 0;
    due.push_back(rotation_[cursor_++]);
  }
}

std::optional<Instant> LookSchedule::next() const {
  std::optional<Instant> next;
  const auto consider = [&next](Instant at) {
    if (!next || at < *next) next = at;
  };
  if (!rotation_.empty()) consider(turned_at_ + tick());
  if (!busy_.empty()) consider(busy_looked_at_ + hot_interval_);
  if (!deadlines_.empty()) consider(deadlines_.top().at);
  return next;
}

}  // namespace halfopen

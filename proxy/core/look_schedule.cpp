#include "proxy/core/look_schedule.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace halfopen {
namespace {

// An ACK may be delayed by 40 ms (net/ipv4/tcp_output.c, TCP_DELACK_MIN), with room.
constexpr Duration kBusyFor = std::chrono::milliseconds(100);
// Who is never answered is not watched closely for ever.
constexpr Duration kRestlessMax = std::chrono::seconds(1);
// A wake-up takes along who is due within this part of the interval.
constexpr int kBatchShare = 100;

}  // namespace

void LookSchedule::set_intervals(Duration interval, Duration busy_interval) {
  const bool is_shorter = interval < interval_;
  interval_ = interval;
  busy_interval_ = busy_interval;
  if (!is_shorter) return;  // who is queued too early is put off when it comes up
  for (std::size_t place = 0; place < entries_.size(); ++place) {
    const Entry& entry = entries_[place];
    if (entry.is_used && due_at(entry) < entry.queued) queue(place, due_at(entry));
  }
}

Instant LookSchedule::due_at(const Entry& entry) const {
  const Instant turn = entry.looked_at + interval_;
  return entry.deadline ? std::min(*entry.deadline, turn) : turn;
}

std::size_t LookSchedule::add(ConnectionId id, std::optional<Instant> deadline, Instant now) {
  Entry entry;
  entry.id = id;
  entry.deadline = deadline;
  entry.looked_at = now;
  entry.active_at = now;
  std::size_t place = entries_.size();
  if (free_.empty()) {
    entries_.push_back(entry);
  } else {
    place = free_.back();
    free_.pop_back();
    entries_[place] = entry;
  }
  queue(place, due_at(entry));
  stay_busy(place, now + kBusyFor);
  return place;
}

void LookSchedule::remove(std::size_t place) {
  HALFOPEN_ASSERT(entries_.at(place).is_used);
  if (entries_[place].is_busy) busy_.erase(std::find(busy_.begin(), busy_.end(), place));
  entries_[place].is_used = false;
  free_.push_back(place);
  if (size() > 0) return;
  queue_ = {};
  entries_.clear();
  free_.clear();
}

void LookSchedule::note_activity(std::size_t place, Instant now) {
  entries_.at(place).active_at = now;
  stay_busy(place, now + kBusyFor);
}

void LookSchedule::note_looked(std::size_t place, std::optional<Instant> deadline, bool is_restless,
                               Instant now) {
  Entry& entry = entries_.at(place);
  HALFOPEN_ASSERT(entry.is_used);
  entry.looked_at = now;
  entry.deadline = deadline;
  // One that is overdue, because a look failed, comes again in a moment.
  const Instant due = std::max(due_at(entry), now + std::min(busy_interval_, interval_));
  if (due < entry.queued) queue(place, due);
  if (is_restless && now - entry.active_at < kRestlessMax) stay_busy(place, now + kBusyFor);
}

void LookSchedule::note_quiet(std::size_t place, Instant now) {
  note_looked(place, entries_.at(place).deadline, false, now);
}

void LookSchedule::queue(std::size_t place, Instant at) {
  entries_[place].queued = at;
  queue_.push({at, place});
}

void LookSchedule::stay_busy(std::size_t place, Instant until) {
  Entry& entry = entries_[place];
  entry.busy_until = until;
  if (entry.is_busy) return;
  entry.is_busy = true;
  busy_.push_back(place);
}

std::vector<LookSchedule::Due> LookSchedule::take_due(Instant now) {
  std::vector<Due> due;
  take_queued(now, due);
  take_busy(now, due);
  std::sort(due.begin(), due.end());
  due.erase(std::unique(due.begin(), due.end()), due.end());
  return due;
}

void LookSchedule::take_queued(Instant now, std::vector<Due>& due) {
  if (queue_.empty() || queue_.top().at > now) return;
  const Instant until = now + interval_ / kBatchShare;
  std::vector<Queued> put_off;
  while (!queue_.empty() && queue_.top().at <= until) {
    const Queued top = queue_.top();
    queue_.pop();
    Entry& entry = entries_[top.place];
    // It was removed, or queued anew.
    if (!entry.is_used || entry.queued != top.at) continue;
    // A turn may come early, a deadline not: that look would have to be repeated.
    const bool is_due =
        entry.looked_at + interval_ <= until || (entry.deadline && *entry.deadline <= now);
    if (is_due) due.push_back({entry.id, top.place});
    // Should nobody tell how the look went, it is looked at again an interval later.
    entry.queued = is_due ? until + interval_ : due_at(entry);
    put_off.push_back({entry.queued, top.place});
  }
  for (const Queued& later : put_off)
    queue_.push(later);
}

void LookSchedule::take_busy(Instant now, std::vector<Due>& due) {
  if (busy_.empty() || now < busy_looked_at_ + busy_interval_) return;
  busy_looked_at_ = now;
  for (const std::size_t place : busy_)
    due.push_back({entries_[place].id, place});
  const auto calmed = [&](std::size_t place) {
    Entry& entry = entries_[place];
    entry.is_busy = entry.busy_until > now;
    return !entry.is_busy;
  };
  busy_.erase(std::remove_if(busy_.begin(), busy_.end(), calmed), busy_.end());
}

std::optional<Instant> LookSchedule::next() const {
  std::optional<Instant> next;
  if (!queue_.empty()) next = queue_.top().at;
  if (!busy_.empty()) {
    const Instant again = busy_looked_at_ + busy_interval_;
    if (!next || again < *next) next = again;
  }
  return next;
}

}  // namespace halfopen

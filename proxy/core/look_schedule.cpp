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
constexpr int kBatchShare = 50;

}  // namespace

void LookSchedule::set_intervals(Duration interval, Duration busy_interval) {
  const bool is_shorter = interval < interval_;
  interval_ = interval;
  busy_interval_ = busy_interval;
  if (!is_shorter) return;  // who is queued too early is put off when it comes up
  for (auto& [id, entry] : entries_) {
    if (due_at(entry) < entry.queued) queue(entry, id, due_at(entry));
  }
}

Instant LookSchedule::due_at(const Entry& entry) const {
  const Instant turn = entry.looked_at + interval_;
  return entry.deadline ? std::min(*entry.deadline, turn) : turn;
}

void LookSchedule::add(ConnectionId id, std::optional<Instant> deadline, Instant now) {
  Entry entry;
  entry.deadline = deadline;
  entry.looked_at = now;
  entry.active_at = now;
  const auto [added, is_new] = entries_.emplace(id, entry);
  HALFOPEN_ASSERT(is_new);
  queue(added->second, id, due_at(entry));
  stay_busy(added->second, id, now + kBusyFor);
}

void LookSchedule::remove(ConnectionId id) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;
  if (found->second.is_busy) busy_.erase(std::find(busy_.begin(), busy_.end(), id));
  entries_.erase(found);
  if (entries_.empty()) queue_ = {};
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
  entry.looked_at = now;
  entry.deadline = deadline;
  // One that is overdue, because a look failed, comes again in a moment.
  const Instant due = std::max(due_at(entry), now + std::min(busy_interval_, interval_));
  if (due < entry.queued) queue(entry, id, due);
  if (is_restless && now - entry.active_at < kRestlessMax) stay_busy(entry, id, now + kBusyFor);
}

void LookSchedule::queue(Entry& entry, ConnectionId id, Instant at) {
  entry.queued = at;
  queue_.push({at, id});
}

void LookSchedule::stay_busy(Entry& entry, ConnectionId id, Instant until) {
  entry.busy_until = until;
  if (entry.is_busy) return;
  entry.is_busy = true;
  busy_.push_back(id);
}

std::vector<ConnectionId> LookSchedule::take_due(Instant now) {
  std::vector<ConnectionId> due;
  take_queued(now, due);
  take_busy(now, due);
  std::sort(due.begin(), due.end());
  due.erase(std::unique(due.begin(), due.end()), due.end());
  return due;
}

void LookSchedule::take_queued(Instant now, std::vector<ConnectionId>& due) {
  if (queue_.empty() || queue_.top().at > now) return;
  const Instant until = now + interval_ / kBatchShare;
  std::vector<Queued> put_off;
  while (!queue_.empty() && queue_.top().at <= until) {
    const Queued top = queue_.top();
    queue_.pop();
    const auto found = entries_.find(top.id);
    // It was removed, or queued anew.
    if (found == entries_.end() || found->second.queued != top.at) continue;
    Entry& entry = found->second;
    // A turn may come early, a deadline not: that look would have to be repeated.
    const bool is_due =
        entry.looked_at + interval_ <= until || (entry.deadline && *entry.deadline <= now);
    if (is_due) due.push_back(top.id);
    // Should nobody tell how the look went, it is looked at again an interval later.
    entry.queued = is_due ? until + interval_ : due_at(entry);
    put_off.push_back({entry.queued, top.id});
  }
  for (const Queued& later : put_off)
    queue_.push(later);
}

void LookSchedule::take_busy(Instant now, std::vector<ConnectionId>& due) {
  if (busy_.empty() || now < busy_looked_at_ + busy_interval_) return;
  busy_looked_at_ = now;
  due.insert(due.end(), busy_.begin(), busy_.end());
  const auto calmed = [&](ConnectionId id) {
    Entry& entry = entries_.at(id);
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

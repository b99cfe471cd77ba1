#include "node/core/outbox.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "node/core/limits.hpp"

namespace halfopen::node {

bool Outbox::is_full() const {
  return entries_.size() >= kOutboxVotesMax;
}

std::optional<Instant> Outbox::oldest_in_flight_at() const {
  if (in_flight_ == 0) return std::nullopt;
  return entries_.front().sent_at;
}

void Outbox::push(VoteId vote, SharedFrame frame) {
  Entry entry;
  entry.vote = vote;
  entry.frame = std::move(frame);
  entries_.push_back(std::move(entry));
}

const Outbox::Entry* Outbox::send_next(Instant now) {
  if (in_flight_ == entries_.size() || in_flight_ >= kInFlightVotesMax) return nullptr;
  Entry& entry = entries_[in_flight_++];
  ++entry.attempts;
  entry.sent_at = now;
  if (!entry.first_at) entry.first_at = now;
  return &entry;
}

const Outbox::Entry* Outbox::mark_written(const VoteId& vote) {
  for (std::size_t tried = 0; tried < in_flight_; ++tried) {
    const std::size_t i = (unwritten_ + tried) % in_flight_;
    if (entries_[i].vote != vote) continue;
    entries_[i].written = true;
    unwritten_ = i + 1;
    return &entries_[i];
  }
  return nullptr;
}

bool Outbox::contains(const VoteId& vote) const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [&](const Entry& entry) { return entry.vote == vote; });
}

std::optional<Outbox::Entry> Outbox::acknowledge(const VoteId& vote) {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& e) { return e.vote == vote; });
  if (found == entries_.end()) return std::nullopt;
  if (found->sent_at) --in_flight_;
  if (static_cast<std::size_t>(found - entries_.begin()) < unwritten_) --unwritten_;
  Entry entry = std::move(*found);
  entries_.erase(found);
  return entry;
}

void Outbox::requeue() {
  for (Entry& entry : entries_) {
    entry.written = false;
    entry.sent_at.reset();
  }
  in_flight_ = 0;
  unwritten_ = 0;
}

std::vector<Outbox::Entry> Outbox::abandon() {
  in_flight_ = 0;
  unwritten_ = 0;
  const auto taken = std::exchange(entries_, {});
  return {taken.begin(), taken.end()};
}

}  // namespace halfopen::node

#include "proxy/core/look_schedule.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "base/prng.hpp"

namespace halfopen {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Instant kStart = Instant::from_nanoseconds(5'000'000'000);
constexpr Duration kInterval = seconds(1);
constexpr Duration kBusyInterval = milliseconds(5);

ConnectionId id_of(std::uint64_t number) {
  return ConnectionId{number};
}

LookSchedule make_schedule() {
  LookSchedule schedule;
  schedule.set_intervals(kInterval, kBusyInterval);
  return schedule;
}

bool contains(const std::vector<LookSchedule::Due>& due, ConnectionId id) {
  return std::any_of(due.begin(), due.end(), [&](const auto& one) { return one.id == id; });
}

TEST(LookSchedule, HasNothingToDoWhenNobodyIsThere) {
  LookSchedule schedule = make_schedule();
  EXPECT_FALSE(schedule.next());
  const std::size_t place = schedule.add(id_of(1), kStart + seconds(9), kStart);
  EXPECT_TRUE(schedule.next());
  schedule.remove(place);
  EXPECT_FALSE(schedule.next());
  EXPECT_TRUE(schedule.take_due(kStart + seconds(10)).empty());
}

TEST(LookSchedule, LooksAtADeadlineWhenItHasCome) {
  LookSchedule schedule = make_schedule();
  schedule.set_intervals(seconds(100), kBusyInterval);
  const Instant deadline = kStart + seconds(3);
  (void)schedule.add(id_of(1), deadline, kStart);
  (void)schedule.take_due(kStart + seconds(2));  // no longer busy from here on
  EXPECT_EQ(schedule.next(), deadline);
  EXPECT_FALSE(contains(schedule.take_due(deadline - Duration{1}), id_of(1)));
  EXPECT_TRUE(contains(schedule.take_due(deadline), id_of(1)));
}

TEST(LookSchedule, FollowsADeadlineThatMoves) {
  LookSchedule schedule = make_schedule();
  schedule.set_intervals(seconds(100), kBusyInterval);
  const std::size_t place = schedule.add(id_of(1), kStart + seconds(3), kStart);
  (void)schedule.take_due(kStart + seconds(1));
  schedule.note_looked(place, kStart + seconds(5), false, kStart + seconds(2));
  EXPECT_FALSE(contains(schedule.take_due(kStart + seconds(4)), id_of(1)));
  schedule.note_looked(place, kStart + milliseconds(4500), false, kStart + seconds(4));
  EXPECT_EQ(schedule.next(), kStart + milliseconds(4500));
  EXPECT_TRUE(contains(schedule.take_due(kStart + milliseconds(4500)), id_of(1)));
}

TEST(LookSchedule, WatchesCloselyWhoHasJustMoved) {
  LookSchedule schedule = make_schedule();
  const std::size_t place = schedule.add(id_of(1), kStart + seconds(60), kStart);
  (void)schedule.take_due(kStart + milliseconds(500));
  EXPECT_EQ(schedule.busy(), 0U);
  Instant now = kStart + milliseconds(510);
  schedule.note_activity(place, now);
  for (int i = 0; i < 10; ++i) {
    now = now + kBusyInterval;
    EXPECT_LE(*schedule.next(), now);
    EXPECT_TRUE(contains(schedule.take_due(now), id_of(1))) << i;
  }
  EXPECT_TRUE(contains(schedule.take_due(now + milliseconds(200)), id_of(1)));
  EXPECT_EQ(schedule.busy(), 0U);
}

TEST(LookSchedule, WatchesWhoAwaitsAnAckButNotForEver) {
  LookSchedule schedule = make_schedule();
  (void)schedule.add(id_of(1), kStart + seconds(60), kStart);
  Instant now = kStart;
  for (int i = 0; i < 100; ++i) {
    now = now + milliseconds(50);
    for (const auto& due : schedule.take_due(now))
      schedule.note_looked(due.place, kStart + seconds(60), true, now);
    if (i < 15) {
      EXPECT_EQ(schedule.busy(), 1U) << i;
    }
  }
  EXPECT_EQ(schedule.busy(), 0U);
}

// The promise on which the lateness of an expiry rests.
TEST(LookSchedule, ComesToEverybodyWithinTheIntervalWhoeverComesAndGoes) {
  Prng random{7};
  LookSchedule schedule = make_schedule();
  struct Watched {
    std::size_t place;
    Instant looked_at;
  };
  std::map<ConnectionId, Watched> watched;
  std::uint64_t next_id = 1;
  Instant now = kStart;
  Duration longest{0};
  for (int turn = 0; turn < 20'000; ++turn) {
    now = std::max(now, schedule.next().value_or(now)) + Duration(random.below(1'000'000));
    for (const auto& due : schedule.take_due(now)) {
      ASSERT_TRUE(watched.contains(due.id));
      Watched& one = watched.at(due.id);
      ASSERT_EQ(one.place, due.place);
      longest = std::max(longest, now - one.looked_at);
      one.looked_at = now;
      schedule.note_looked(due.place, std::nullopt, false, now);
    }
    if (watched.size() < 500 && random.chance(1, 2)) {
      const std::size_t place = schedule.add(id_of(next_id), std::nullopt, now);
      watched.emplace(id_of(next_id++), Watched{place, now});
    } else if (!watched.empty() && random.chance(1, 3)) {
      auto victim = watched.begin();
      std::advance(victim, static_cast<std::ptrdiff_t>(random.below(watched.size())));
      schedule.remove(victim->second.place);
      watched.erase(victim);
    }
    ASSERT_EQ(schedule.size(), watched.size());
  }
  EXPECT_GT(next_id, 3000U);
  EXPECT_GT(longest, kInterval / 2);
  // The calls come up to a millisecond late.
  EXPECT_LE(longest, kInterval + milliseconds(1));
}

}  // namespace
}  // namespace halfopen

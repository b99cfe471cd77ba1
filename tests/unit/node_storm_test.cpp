// The reconnect storm: fifty nodes lose one peer at the same instant, and must not come back to it
// in one wave.
//
// After a long absence every node waits a time that is uniform between zero and the longest wait w,
// again and again, and the peer comes back at an instant that has nothing to do with that. The time
// that is left then until a node's next dial has the distribution function 2x - x^2, x = t/w
// (the residual of a renewal process). Both tests below know how far fifty draws of it may stray;
// a twin without jitter shows that they notice.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "node/core/node.hpp"
#include "tests/unit/node_simulation.hpp"

namespace halfopen::node::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kNodes = 50;
constexpr Duration kAway = seconds(60);

// When each of the nodes dials first after the peer has come back, counted from there. Full jitter
// is the nodes' own, with the seed that every configuration file has unless it says otherwise.
std::vector<Duration> first_dials(std::uint64_t seed) {
  std::vector<Duration> waits;
  for (std::size_t i = 0; i < kNodes; ++i) {
    NodeSettings settings = make_settings("n" + std::to_string(i + 1), {"> lost"});
    settings.seed = seed;
    Node node(std::move(settings));
    Instant now;
    const Instant back = now + kAway;
    node.start(now);
    for (bool is_waiting = true; is_waiting;) {
      while (const auto action = node.poll_action()) {
        const auto* dial = std::get_if<Dial>(&*action);
        if (dial == nullptr) continue;
        if (now >= back) {
          waits.push_back(now - back);
          is_waiting = false;
          break;
        }
        node.handle(DialFailed{dial->connection, ECONNREFUSED}, now);
      }
      if (!is_waiting) break;
      now = *node.next_deadline();
      node.handle(TimePassed{}, now);
    }
  }
  std::sort(waits.begin(), waits.end());
  return waits;
}

// A twin that doubles its waits but draws nothing.
std::vector<Duration> first_dials_without_jitter() {
  const ReconnectSettings reconnect;
  Duration wait = reconnect.backoff_min;
  Duration at{};
  while (at < kAway) {
    at += wait;
    wait = std::min(2 * wait, reconnect.backoff_max);
  }
  return std::vector<Duration>(kNodes, at - kAway);
}

// The largest share of all that falls into any window of this length.
double largest_share(const std::vector<Duration>& sorted, Duration window) {
  std::size_t most = 0;
  for (std::size_t first = 0, last = 0; last < sorted.size(); ++last) {
    while (sorted[last] - sorted[first] > window)
      ++first;
    most = std::max(most, last - first + 1);
  }
  return static_cast<double>(most) / static_cast<double>(sorted.size());
}

// Kolmogorov's and Smirnov's: the largest distance between what was drawn and the law.
double distance_from_full_jitter(const std::vector<Duration>& sorted) {
  const double longest = to_seconds(ReconnectSettings{}.backoff_max);
  const auto count = static_cast<double>(sorted.size());
  double distance = 0;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const double x = std::min(1.0, to_seconds(sorted[i]) / longest);
    const double law = 2 * x - x * x;
    distance = std::max({distance, std::abs(law - static_cast<double>(i) / count),
                         std::abs(law - static_cast<double>(i + 1) / count)});
  }
  return distance;
}

// 100 ms hold at most 4 % of the law, two of fifty on average; more than ten come by chance less
// often than once in 10^4 runs, and the seeds are fixed.
constexpr double kLargestShare = 0.2;
// Exceeded by chance once in a thousand runs: 1.95 / sqrt(50).
const double kLargestDistance = 1.95 / std::sqrt(static_cast<double>(kNodes));

TEST(NodeStorm, FiftyNodesDoNotComeBackInOneWave) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto waits = first_dials(seed);
    ASSERT_EQ(waits.size(), kNodes);
    EXPECT_LE(largest_share(waits, milliseconds(100)), kLargestShare) << "seed " << seed;
    EXPECT_LE(distance_from_full_jitter(waits), kLargestDistance) << "seed " << seed;
    EXPECT_LE(waits.back(), ReconnectSettings{}.backoff_max);
  }
}

TEST(NodeStorm, WithoutJitterTheyWouldAndTheTestWouldSeeIt) {
  const auto waits = first_dials_without_jitter();
  EXPECT_GT(largest_share(waits, milliseconds(100)), kLargestShare);
  EXPECT_GT(distance_from_full_jitter(waits), kLargestDistance);
}

// The peers of one real node that is killed and comes back: real cores, real connections.
TEST(NodeStorm, AllComeBackWithinTheLongestWait) {
  Simulation simulation;
  const std::size_t lost = simulation.add([] {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < kNodes; ++i)
      names.push_back("n" + std::to_string(i + 1));
    return make_settings("lost", names);
  }());
  for (std::size_t i = 0; i < kNodes; ++i)
    simulation.add(make_settings("n" + std::to_string(i + 1), {"> lost"}));
  simulation.start();
  simulation.run_for(seconds(10));
  EXPECT_EQ(simulation.count(lost, "opened"), kNodes);
  simulation.kill(lost);
  simulation.run_for(seconds(30));
  simulation.restart(lost);
  simulation.run_for(ReconnectSettings{}.backoff_max + milliseconds(100));
  EXPECT_EQ(simulation.count(lost, "opened"), 2 * kNodes);
}

}  // namespace
}  // namespace halfopen::node::test

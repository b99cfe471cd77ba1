#include "node/core/stranger_limit.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "node/core/node.hpp"

namespace halfopen::node {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Instant after(Duration duration) {
  return Instant::from_nanoseconds(duration.count());
}

int admitted_of(StrangerLimit& limit, std::uint64_t source, int tries, Instant now) {
  int admitted = 0;
  for (int i = 0; i < tries; ++i)
    admitted += limit.admit(source, now);
  return admitted;
}

TEST(NodeRateLimit, ABurstAndThenOneAnInterval) {
  RateLimit limit(milliseconds(10), 3);
  const auto admitted = [&](Instant now) {
    int count = 0;
    while (limit.admit(now))
      ++count;
    return count;
  };
  EXPECT_EQ(admitted(after(seconds(1))), 3);
  EXPECT_EQ(admitted(after(seconds(1) + milliseconds(9))), 0);
  EXPECT_EQ(admitted(after(seconds(1) + milliseconds(10))), 1);
  EXPECT_EQ(admitted(after(seconds(1) + milliseconds(35))), 2);
  EXPECT_EQ(admitted(after(seconds(99))), 3) << "a long pause saves up one burst, not more";
}

TEST(NodeRateLimit, ABurstOfOneIsEvenlySpaced) {
  RateLimit limit(milliseconds(10), 1);
  EXPECT_TRUE(limit.admit(after(seconds(0))));
  EXPECT_FALSE(limit.admit(after(milliseconds(9))));
  EXPECT_TRUE(limit.admit(after(milliseconds(10))));
}

TEST(NodeStrangerLimit, AFloodUsesUpItsOwnShareOnly) {
  StrangerLimit limit(7);
  EXPECT_EQ(admitted_of(limit, 1, 10'000, after(seconds(1))), kStrangerBurst);
  // In a table of 256 places a hundred other hosts meet the flood's place rarely.
  int refused = 0;
  for (std::uint64_t other = 2; other < 102; ++other)
    refused += !limit.admit(other, after(seconds(1)));
  EXPECT_LE(refused, 3);
}

TEST(NodeStrangerLimit, WhoMeetsWhomDependsOnTheSecret) {
  int pairs_that_part = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    StrangerLimit limit(seed);
    (void)admitted_of(limit, 1, kStrangerBurst, after(seconds(1)));
    pairs_that_part += limit.admit(1 + StrangerLimit::kShares, after(seconds(1)));
  }
  EXPECT_GE(pairs_that_part, 18);
}

NodeSettings make_settings(const std::string& name, const std::vector<std::string>& peers) {
  const auto key_of = [](const std::string& of) {
    SigningKey::Seed seed{};
    std::copy(of.begin(), of.end(), seed.begin());
    return SigningKey(seed);
  };
  NodeSettings settings;
  settings.name = name;
  settings.key = key_of(name);
  for (const std::string& peer : peers)
    settings.peers.push_back({.name = peer, .key = key_of(peer).public_key()});
  return settings;
}

struct Counts {
  int closed = 0;
  std::map<Reason, int> reasons;
};

Counts drain(Node& node) {
  Counts counts;
  while (const auto action = node.poll_action()) {
    counts.closed += std::holds_alternative<Close>(*action);
    const auto* told = std::get_if<Note>(&*action);
    if (told == nullptr) continue;
    if (const auto* closed = std::get_if<note::ConnectionClosed>(told))
      ++counts.reasons[closed->reason];
  }
  return counts;
}

TEST(NodeStrangers, AFloodIsRefusedAndCountedAndHoldsNothing) {
  Node node(make_settings("n2", {"n1"}));
  const Instant now = after(seconds(1));
  node.start(now);
  for (int i = 0; i < 10'000; ++i)
    node.handle(ConnectionAccepted{node.new_connection_id(), 9}, now);
  const Counts counts = drain(node);
  const int held = static_cast<int>(kUnknownConnectionsMax);
  EXPECT_EQ(counts.reasons.at(Reason::kRateLimited), 10'000 - kStrangerBurst);
  EXPECT_EQ(counts.reasons.at(Reason::kTooManyConnections), kStrangerBurst - held);
  EXPECT_EQ(counts.closed, 10'000 - held);
}

TEST(NodeStrangers, APeerFindsAPlaceAlthoughSilentStrangersTookThemAll) {
  Node node(make_settings("n2", {"n1"}));
  const Instant now = after(seconds(1));
  node.start(now);
  for (int i = 0; i < kStrangerBurst; ++i)
    node.handle(ConnectionAccepted{node.new_connection_id(), 9}, now);
  const ConnectionId connection = node.new_connection_id();
  node.handle(ConnectionAccepted{connection, 10}, now);
  node.handle(BytesReceived{connection, *encode_frame(Hello{kProtocolVersion, "lab", "n1"})}, now);
  EXPECT_EQ(node.peers().front().state(), PeerState::kHealthy);
}

TEST(NodeStrangers, AHelloUnderAnotherPeersNameIsRefused) {
  NodeSettings settings = make_settings("n2", {"n1", "n3"});
  settings.authenticates = true;
  const PublicKey first = settings.peers.at(0).key;
  const PublicKey second = settings.peers.at(1).key;
  Node node(std::move(settings));
  const Instant now = after(seconds(1));
  node.start(now);
  const auto greet = [&](std::optional<PublicKey> key) {
    const ConnectionId connection = node.new_connection_id();
    node.handle(ConnectionAccepted{connection}, now);
    if (key) node.handle(Secured{connection, *key}, now);
    const SharedFrame hello = encode_frame(Hello{kProtocolVersion, "lab", "n1"});
    node.handle(BytesReceived{connection, *hello}, now);
    return drain(node).reasons[Reason::kWrongKey];
  };
  EXPECT_EQ(greet(second), 1);
  EXPECT_EQ(greet(std::nullopt), 1) << "nothing was proven";
  EXPECT_EQ(node.peers().front().state(), PeerState::kIdle);
  EXPECT_EQ(greet(first), 0);
  EXPECT_EQ(node.peers().front().state(), PeerState::kHealthy);
}

TEST(NodeStrangers, AFailedHandshakeIsCountedByItsReason) {
  Node node(make_settings("n2", {"n1"}));
  const Instant now = after(seconds(1));
  node.start(now);
  const ConnectionId connection = node.new_connection_id();
  node.handle(ConnectionAccepted{connection}, now);
  node.handle(HandshakeFailed{connection, Reason::kTlsFailed}, now);
  const Counts counts = drain(node);
  EXPECT_EQ(counts.reasons.at(Reason::kTlsFailed), 1);
  EXPECT_EQ(counts.closed, 1);
}

}  // namespace
}  // namespace halfopen::node

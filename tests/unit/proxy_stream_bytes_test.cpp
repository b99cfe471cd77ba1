// What changes the bytes or their pieces: slicer, corrupt, and a chain without any stage.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>

#include "tests/unit/proxy_stream_run.hpp"

namespace halfopen {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::StreamRun;
using Write = StreamRun::Write;
using ::testing::ElementsAre;

TEST(Chain, WithoutStagesPassesEverythingOn) {
  StreamRun run;
  run.send("one");
  run.send("two");
  run.end();
  EXPECT_EQ(run.received(), "onetwo");
  EXPECT_EQ(run.chain().state(), StreamState::kEnded);
  EXPECT_FALSE(run.chain().has_stages());
}

TEST(Chain, ASinkThatTakesNothingHoldsUpTheSource) {
  for (const StreamFaultConfig& config :
       {StreamFaultConfig{NoopConfig{}}, StreamFaultConfig{SlowCloseConfig{}},
        StreamFaultConfig{SlicerConfig{.average_bytes = 1}},
        StreamFaultConfig{BandwidthConfig{.rate_kilobytes_per_second = 1'000'000'000}}}) {
    StreamRun run;
    run.add(1, config);
    run.stop_sink();
    std::size_t sent = 0;
    for (int i = 0; i < 100; ++i) {
      sent += run.send(std::string(100'000, 'x'));
      run.run_until(seconds(i));
    }
    EXPECT_EQ(run.chain().room(), 0U);
    EXPECT_LT(sent, 5U * 1024 * 1024);
    EXPECT_EQ(run.chain().held_bytes(), sent);
    // Whoever waits for the sink is not to be woken by the clock.
    EXPECT_EQ(run.chain().deadline(), std::nullopt);
    run.resume_sink();
    run.run_until(seconds(200));
    EXPECT_EQ(run.received().size(), sent);
  }
}

TEST(Chain, StagesActInTheOrderInWhichTheyWereAdded) {
  StreamRun limit_first;
  limit_first.add(1, LimitDataConfig{.bytes = 100});
  limit_first.add(2, BandwidthConfig{.rate_kilobytes_per_second = 1});
  limit_first.send(std::string(1000, 'x'));
  limit_first.run_until(seconds(10));
  EXPECT_EQ(limit_first.writes().back().at, milliseconds(100));
  StreamRun limit_last;
  limit_last.add(2, BandwidthConfig{.rate_kilobytes_per_second = 1});
  limit_last.add(1, LimitDataConfig{.bytes = 250});
  limit_last.send(std::string(1000, 'x'));
  limit_last.run_until(seconds(10));
  EXPECT_EQ(limit_last.writes().back().at, milliseconds(300));
}

TEST(Chain, AStageInTheMiddleIsRemovedWithoutDisorder) {
  StreamRun run;
  run.add(1, LatencyConfig{.latency = seconds(1)});
  run.add(2, LatencyConfig{.latency = seconds(2)});
  run.add(3, LatencyConfig{.latency = seconds(3)});
  run.send("a");
  run.run_until(milliseconds(1500));
  run.send("b");
  run.run_until(milliseconds(1600));
  run.remove(2);  // it holds "a"
  run.send("c");
  run.run_until(seconds(60));
  EXPECT_THAT(run.writes(),
              ElementsAre(Write{milliseconds(4600), "a"}, Write{milliseconds(5500), "b"},
                          Write{milliseconds(5600), "c"}));
}

TEST(Chain, ANoopBecomesSomethingElseInItsPlace) {
  StreamRun run;
  run.add(1, NoopConfig{});
  run.add(2, LimitDataConfig{.bytes = 4});
  run.send("ab");
  run.change(1, LatencyConfig{.latency = seconds(1)});
  run.send("cdef");
  EXPECT_EQ(run.received(), "ab");
  run.run_until(seconds(1));
  EXPECT_EQ(run.received(), "abcd");
}

TEST(Slicer, CutsIntoPiecesOfTheAverageSize) {
  StreamRun run;
  run.add(1, SlicerConfig{.average_bytes = 1024, .variation_bytes = 512}, 5);
  std::string data;
  for (int i = 0; i < 480'000; ++i)
    data += static_cast<char>(i * 7);
  EXPECT_EQ(run.send(data), data.size());
  run.run_until(seconds(1));
  EXPECT_EQ(run.received(), data);
  EXPECT_GT(run.writes().size(), 400U);
  EXPECT_LT(run.writes().size(), 560U);
  for (const Write& write : run.writes())
    EXPECT_LE(write.bytes.size(), 1536U);
}

TEST(Slicer, PausesAfterEachPiece) {
  StreamRun run;
  run.add(1, SlicerConfig{.average_bytes = 2, .delay = microseconds(10)});
  run.send("abcde");
  run.run_until(seconds(1));
  EXPECT_THAT(run.writes(), ElementsAre(Write{microseconds(0), "ab"}, Write{microseconds(10), "cd"},
                                        Write{microseconds(20), "e"}));
}

TEST(Slicer, CutsAtTheSameOffsetsWhateverTheReads) {
  const auto cuts = [](std::size_t read) {
    StreamRun run;
    run.add(1, SlicerConfig{.average_bytes = 100, .variation_bytes = 100}, 9);
    for (std::size_t at = 0; at < 30'000; at += read) {
      run.send(std::string(read, 'x'));
      run.run_until(run.time() + milliseconds(1));
    }
    std::vector<std::size_t> offsets;
    std::size_t offset = 0;
    for (const Write& write : run.writes()) {
      offset += write.bytes.size();
      // A read's own end is one, too.
      if (offset % read != 0) offsets.push_back(offset);
    }
    return offsets;
  };
  const auto whole = cuts(30'000);
  const auto halves = cuts(15'000);
  EXPECT_GT(halves.size(), 200U);
  for (const std::size_t offset : halves)
    EXPECT_THAT(whole, ::testing::Contains(offset));
}

TEST(Slicer, PiecesOfOneByteLeaveOthersTheirTurn) {
  StreamChain chain;
  chain.add(StageId{1}, SlicerConfig{.average_bytes = 1}, 1, Instant{});
  const std::string data(32768, 'x');
  chain.handle_bytes(data, Instant{});
  std::size_t writes = 0;
  const auto drain = [&] {
    const std::size_t before = writes;
    while (!chain.output().empty()) {
      EXPECT_EQ(chain.output().size(), 1U);
      chain.consume(1, Instant{});
      ++writes;
    }
    return writes - before;
  };
  EXPECT_LE(drain(), 128U);
  while (writes < data.size()) {
    ASSERT_EQ(chain.deadline(), Instant{}) << "it is due, and says so";
    chain.handle_timeout(Instant{});
    const std::size_t taken = drain();
    ASSERT_GT(taken, 0U);
    ASSERT_LE(taken, 128U);
  }
  EXPECT_EQ(writes, data.size());
}

// A loop that runs timers of the past before it looks at sockets again would look at none.
TEST(Slicer, WhatWasDueBeforeTheLastCallIsDueNow) {
  StreamChain chain;
  chain.add(StageId{1}, SlicerConfig{.average_bytes = 1}, 1, Instant{});
  chain.handle_bytes(std::string(32768, 'x'), Instant{});
  const Instant later = Instant{} + seconds(1);
  chain.handle_timeout(later);
  EXPECT_EQ(chain.deadline(), std::nullopt) << "the sink is full";
  while (!chain.output().empty())
    chain.consume(chain.output().size(), later);
  EXPECT_EQ(chain.deadline(), later);
}

std::vector<std::size_t> flipped_bits(const std::string& sent, const std::string& received) {
  std::vector<std::size_t> flipped;
  for (std::size_t i = 0; i < sent.size(); ++i) {
    const auto difference = static_cast<unsigned char>(sent[i] ^ received.at(i));
    if (difference == 0) continue;
    EXPECT_EQ(std::popcount(difference), 1);
    flipped.push_back(i * 8 + static_cast<std::size_t>(std::countr_zero(difference)));
  }
  return flipped;
}

std::vector<std::size_t> corrupted(const CorruptConfig& config, std::uint64_t seed,
                                   std::size_t read) {
  StreamRun run;
  run.add(1, config, seed);
  const std::string sent(100'000, 'x');
  for (std::size_t at = 0; at < sent.size(); at += read)
    run.send(std::string(std::min(read, sent.size() - at), 'x'));
  return flipped_bits(sent, run.received());
}

TEST(Corrupt, FlipsBitsBySeedAndOffsetWhateverTheReads) {
  const CorruptConfig config{.every_bytes = 1000};
  const auto flipped = corrupted(config, 1, 100'000);
  EXPECT_GT(flipped.size(), 70U);
  EXPECT_LT(flipped.size(), 130U);
  EXPECT_EQ(corrupted(config, 1, 777), flipped);
  EXPECT_NE(corrupted(config, 2, 777), flipped);
}

TEST(Corrupt, HitsOneOffsetOnce) {
  for (const std::size_t read : {std::size_t{1}, std::size_t{100'000}}) {
    const auto flipped = corrupted({.at_offset = 4321}, 1, read);
    ASSERT_EQ(flipped.size(), 1U);
    EXPECT_EQ(flipped.front() / 8, 4321U);
  }
}

TEST(Corrupt, EveryByteIfItMust) {
  EXPECT_EQ(corrupted({.every_bytes = 1}, 1, 5000).size(), 100'000U);
}

TEST(Corrupt, RemovedItSparesWhatFollows) {
  StreamRun run;
  run.add(1, CorruptConfig{.every_bytes = 1});
  run.send("xxxx");
  run.remove(1);
  run.send("yyyy");
  EXPECT_EQ(flipped_bits("xxxxyyyy", run.received()).size(), 4U);
  EXPECT_EQ(run.received().substr(4), "yyyy");
}

}  // namespace
}  // namespace halfopen

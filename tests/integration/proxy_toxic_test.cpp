// Each stream fault on real sockets, in either direction: what the two ends see of it.
#include <cerrno>

#include "tests/integration/proxy_toxic_fixture.hpp"

namespace halfopen::test {
namespace {

// Nothing else of a test takes as long as this on a machine that is busy with others.
constexpr milliseconds kMargin = seconds(2);

INSTANTIATE_TEST_SUITE_P(Toxics, ToxicDirectionTest, ::testing::Values("upstream", "downstream"),
                         [](const auto& parameter) { return std::string(parameter.param); });

TEST_P(ToxicDirectionTest, LatencyDelaysThisDirectionOnly) {
  Pair pair = establish();
  add_toxic("latency", stream(), R"({"latency": 300})");
  const milliseconds delayed = time_of([&] {
    ASSERT_EQ(source(pair).send_text("late"), 0);
    EXPECT_EQ(sink(pair).receive_exactly(4, kPatience), "late");
  });
  EXPECT_GE(delayed, milliseconds(299));
  EXPECT_LT(delayed, milliseconds(300) + kMargin);
  const milliseconds prompt = time_of([&] {
    ASSERT_EQ(sink(pair).send_text("prompt"), 0);
    EXPECT_EQ(source(pair).receive_exactly(6, kPatience), "prompt");
  });
  EXPECT_LT(prompt, milliseconds(290));
}

TEST_P(ToxicDirectionTest, BandwidthLimitsTheRate) {
  Pair pair = establish();
  add_toxic("bandwidth", stream(), R"({"rate": 100})");
  const std::string data(50'000, 'b');
  const milliseconds taken = time_of([&] {
    ASSERT_EQ(source(pair).send_text(data), 0);
    EXPECT_EQ(sink(pair).receive_exactly(data.size(), kPatience), data);
  });
  EXPECT_GE(taken, milliseconds(495));
  EXPECT_LT(taken, milliseconds(500) + kMargin);
}

TEST_P(ToxicDirectionTest, BandwidthOfTheProxyIsSharedByItsConnections) {
  Pair one = establish();
  Pair two = establish();
  add_toxic("bandwidth", stream(), R"({"rate": 100, "scope": "proxy"})");
  const std::string data(25'000, 'b');
  const milliseconds taken = time_of([&] {
    ASSERT_EQ(source(one).send_text(data), 0);
    ASSERT_EQ(source(two).send_text(data), 0);
    EXPECT_EQ(sink(one).receive_exactly(data.size(), kPatience), data);
    EXPECT_EQ(sink(two).receive_exactly(data.size(), kPatience), data);
  });
  EXPECT_GE(taken, milliseconds(495));
  EXPECT_LT(taken, milliseconds(500) + kMargin);
}

TEST_P(ToxicDirectionTest, SlowCloseDelaysTheEndOnly) {
  Pair pair = establish();
  add_toxic("slow_close", stream(), R"({"delay": 400})");
  const milliseconds closed = time_of([&] {
    ASSERT_EQ(source(pair).send_text("data"), 0);
    source(pair).shut_writing();
    const milliseconds data =
        time_of([&] { EXPECT_EQ(sink(pair).receive_exactly(4, kPatience), "data"); });
    EXPECT_LT(data, milliseconds(390));
    EXPECT_EQ(sink(pair).receive(kPatience).kind, Received::Kind::kEndOfStream);
  });
  EXPECT_GE(closed, milliseconds(399));
  EXPECT_LT(closed, milliseconds(400) + kMargin);
}

TEST_P(ToxicDirectionTest, TimeoutSwallowsAndThenCloses) {
  Pair pair = establish();
  add_toxic("timeout", stream(), R"({"timeout": 300})");
  const milliseconds closed = time_of([&] {
    ASSERT_EQ(source(pair).send_text("swallowed"), 0);
    EXPECT_EQ(sink(pair).receive(kPatience).kind, Received::Kind::kEndOfStream);
    EXPECT_EQ(source(pair).receive(kPatience).kind, Received::Kind::kEndOfStream);
  });
  EXPECT_GE(closed, milliseconds(299));
  EXPECT_LT(closed, milliseconds(300) + kMargin);
  EXPECT_EQ(first_event("connection_closed").at("reason"), "closed_by_fault");
}

TEST_P(ToxicDirectionTest, TimeoutOfZeroWaitsUntilItIsRemovedAndThenCloses) {
  Pair pair = establish();
  add_toxic("timeout", stream());
  ASSERT_EQ(source(pair).send_text("swallowed"), 0);
  EXPECT_EQ(sink(pair).receive(milliseconds(100)).kind, Received::Kind::kNothing);
  remove_fault("timeout");
  EXPECT_EQ(sink(pair).receive(kPatience).kind, Received::Kind::kEndOfStream);
  EXPECT_EQ(source(pair).receive(kPatience).kind, Received::Kind::kEndOfStream);
}

TEST_P(ToxicDirectionTest, ResetPeerResetsBothEndsAfterData) {
  Pair pair = establish();
  add_toxic("reset_peer", stream(), R"({"timeout": 100})");
  EXPECT_EQ(sink(pair).receive(milliseconds(150)).kind, Received::Kind::kNothing);
  ASSERT_EQ(source(pair).send_text("dropped"), 0);
  EXPECT_EQ(sink(pair).receive(kPatience).error, ECONNRESET);
  EXPECT_EQ(source(pair).receive(kPatience).error, ECONNRESET);
  EXPECT_EQ(metric("fault_proxy_resets_total{cause=\"stream_fault\",proxy=\"p\"}"), 2);
}

TEST_P(ToxicDirectionTest, ResetPeerOnNowResetsIdleConnectionsAndThoseToCome) {
  Pair idle = establish();
  add_toxic("reset_peer", stream(), R"({"on": "now"})");
  EXPECT_EQ(sink(idle).receive(kPatience).error, ECONNRESET);
  EXPECT_EQ(source(idle).receive(kPatience).error, ECONNRESET);
  TestSocket next = TestSocket::dial(kListenHost, kListenPort);
  // The reset may come before the test has looked at how the dial went.
  const int dialled = next.connect_result(kPatience);
  EXPECT_EQ(dialled != 0 ? dialled : next.receive(kPatience).error, ECONNRESET);
}

TEST_P(ToxicDirectionTest, SlicerKeepsTheBytes) {
  Pair pair = establish();
  add_toxic("slicer", stream(), R"({"average_size": 100, "size_variation": 50, "delay": 10})");
  std::string data;
  for (int i = 0; i < 20'000; ++i)
    data += static_cast<char>('a' + i * 7 % 26);
  ASSERT_EQ(source(pair).send_text(data), 0);
  EXPECT_EQ(sink(pair).receive_exactly(data.size(), kPatience), data);
}

TEST_P(ToxicDirectionTest, LimitDataPassesExactlySoMuchAndCloses) {
  Pair pair = establish();
  add_toxic("limit_data", stream(), R"({"bytes": 10})");
  ASSERT_EQ(source(pair).send_text("0123456"), 0);
  EXPECT_EQ(sink(pair).receive_exactly(7, kPatience), "0123456");
  ASSERT_EQ(source(pair).send_text("789abc"), 0);
  EXPECT_EQ(sink(pair).receive_exactly(100, kPatience), "789");
  EXPECT_EQ(sink(pair).receive(kPatience).kind, Received::Kind::kEndOfStream);
}

TEST_P(ToxicDirectionTest, CorruptFlipsOneBitWhereItIsTold) {
  Pair pair = establish();
  add_toxic("corrupt", stream(), R"({"at_offset": 3})");
  ASSERT_EQ(source(pair).send_text("xxxxxxxx"), 0);
  const std::string received = sink(pair).receive_exactly(8, kPatience);
  ASSERT_EQ(received.size(), 8U);
  EXPECT_EQ(received.substr(0, 3) + received.substr(4), "xxxxxxx");
  EXPECT_NE(received[3], 'x');
}

TEST_P(ToxicDirectionTest, NoopAndZeroToxicityChangeNothing) {
  add_toxic("noop", stream());
  add_toxic("timeout", stream(), "{}", R"(, "toxicity": 0)");
  Pair pair = establish();
  ASSERT_EQ(source(pair).send_text("whole"), 0);
  EXPECT_EQ(sink(pair).receive_exactly(5, kPatience), "whole");
  remove_fault("timeout");
  ASSERT_EQ(source(pair).send_text(" and open"), 0);
  EXPECT_EQ(sink(pair).receive_exactly(9, kPatience), " and open");
  source(pair).shut_writing();
  EXPECT_EQ(sink(pair).receive(kPatience).kind, Received::Kind::kEndOfStream);
}

TEST_F(ToxicTest, OneFaultMayBeOnBothDirections) {
  Pair pair = establish();
  add_toxic("latency", "both", R"({"latency": 200})");
  const milliseconds there_and_back = time_of([&] {
    ASSERT_EQ(pair.client.send_text("ping"), 0);
    EXPECT_EQ(pair.upstream.receive_exactly(4, kPatience), "ping");
    ASSERT_EQ(pair.upstream.send_text("pong"), 0);
    EXPECT_EQ(pair.client.receive_exactly(4, kPatience), "pong");
  });
  EXPECT_GE(there_and_back, milliseconds(398));
  EXPECT_LT(there_and_back, milliseconds(400) + kMargin);
}

TEST_F(ToxicTest, WhatWouldHarmIsRefusedAndHarmsNothing) {
  struct Case {
    const char* type;
    const char* attributes;
    const char* words;
  };
  const Case cases[] = {
      {"bandwidth", R"({"rate": -1})", "attributes.rate: expected kilobytes a second"},
      {"bandwidth", R"({"rate": 1.5})", "attributes.rate: expected a whole number"},
      {"slicer", "{}", "attributes.average_size: expected bytes, 1 or more, got 0"},
      {"slicer", R"({"average_size": -1})", "attributes.average_size"},
      {"slicer", R"({"average_size": 1, "size_variation": 2})", "attributes.size_variation"},
      {"latency", R"({"jitter": 4611686018427387905})", "attributes.jitter"},
      {"latency", R"({"latency": "100"})", "attributes.latency"},
      {"corrupt", "{}", "expected every_bytes"},
  };
  Pair pair = establish();
  for (const Case& each : cases) {
    const auto reply = post_toxic(each.type, "upstream", each.attributes);
    EXPECT_EQ(reply.status, 400) << each.type << each.attributes;
    EXPECT_THAT(reply.body, ::testing::HasSubstr(each.words));
  }
  ASSERT_EQ(pair.client.send_text("alive"), 0);
  EXPECT_EQ(pair.upstream.receive_exactly(5, kPatience), "alive");
}

}  // namespace
}  // namespace halfopen::test

// A NAT that reboots or whose table is flushed: every mapping is forgotten at once, without a word.
#include <cerrno>

#include "tests/integration/proxy_fixture.hpp"

namespace halfopen::test {
namespace {

using ::testing::HasSubstr;

class ProxyFlushTest : public ProxyTest {
 protected:
  void flush(int mappings) {
    const auto flushed = control("POST", "/proxies/p/faults/nat/flush");
    EXPECT_EQ(flushed.status, 200) << flushed.body;
    EXPECT_EQ(flushed.body, "{\"flushed\":" + std::to_string(mappings) + "}\n");
  }
};

TEST_F(ProxyFlushTest, NextPacketsMeetWhatTheyMeetAfterExpiry) {
  Pair pair = establish();
  add_fault("nat", R"({"idle_timeout": "1h", "on_expiry": "rst_both",
                       "on_next_packet": {"inside": "rst", "outside": "drop"}})");
  flush(1);
  EXPECT_EQ(pair.client.receive(milliseconds(300)).kind, Received::Kind::kNothing)
      << "a reboot says nothing";
  EXPECT_EQ(pair.upstream.receive(milliseconds(1)).kind, Received::Kind::kNothing);
  ASSERT_EQ(pair.client.send_text("x"), 0);
  EXPECT_EQ(pair.client.receive(kPatience).error, ECONNRESET);
  EXPECT_EQ(pair.upstream.tcp_state(), "ESTABLISHED");
  EXPECT_EQ(first_event("nat_flushed").at("conn"), first_event("connection_opened").at("conn"));
  EXPECT_EQ(metric("fault_proxy_nat_expired_total{proxy=\"p\"}"), 0);
  EXPECT_EQ(metric("fault_proxy_nat_entries{proxy=\"p\"}"), 0);
  EXPECT_TRUE(events("nat_expired").empty());
}

TEST_F(ProxyFlushTest, APickedUpConnectionSurvives) {
  Pair first = establish();
  Pair second = establish();
  add_fault("nat", R"({"idle_timeout": "1h", "on_next_packet": "repick_same_port"})");
  flush(2);
  flush(0);
  for (Pair* pair : {&first, &second}) {
    ASSERT_EQ(pair->client.send_text("on"), 0);
    EXPECT_EQ(pair->upstream.receive_exactly(2, kPatience), "on");
    ASSERT_EQ(pair->upstream.send_text("back"), 0);
    EXPECT_EQ(pair->client.receive_exactly(4, kPatience), "back");
  }
  flush(2);
}

TEST_F(ProxyFlushTest, WhatWasSentBeforeHasPassed) {
  Pair pair = establish();
  add_fault("nat", R"({"idle_timeout": "1h"})");
  ASSERT_EQ(pair.client.send_text("one segment"), 0);
  flush(1);
  EXPECT_EQ(pair.upstream.receive_exactly(11, kPatience), "one segment");
  ASSERT_EQ(pair.client.send_text("x"), 0);
  EXPECT_EQ(pair.upstream.receive(milliseconds(500)).kind, Received::Kind::kNothing);
}

TEST_F(ProxyFlushTest, OnlyANatHasSomethingToForget) {
  add_fault("blackhole");
  const auto refused = control("POST", "/proxies/p/faults/blackhole/flush");
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(refused.body,
              HasSubstr("only a nat can be flushed, and blackhole is of type blackhole"));
  EXPECT_EQ(control("POST", "/proxies/p/faults/nat/flush").status, 404);
  EXPECT_EQ(control("GET", "/proxies/p/faults/blackhole/flush").status, 405);
}

}  // namespace
}  // namespace halfopen::test

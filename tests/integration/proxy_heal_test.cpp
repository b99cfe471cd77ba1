// Healing: what TCP retransmits arrives, nothing is lost, and the relay goes on.
#include "tests/integration/proxy_fixture.hpp"

namespace halfopen::test {
namespace {

std::string numbered(std::size_t size, unsigned seed) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i)
    text[i] = static_cast<char>((i * 31 + i / 251 + seed) % 251);
  return text;
}

TEST_F(ProxyTest, NothingIsLostThroughABlackhole) {
  Pair pair = establish();
  const std::string up = numbered(200'000, 1);
  const std::string down = numbered(150'000, 2);
  add_fault("blackhole");
  ASSERT_EQ(pair.client.send_text(up), 0);
  ASSERT_EQ(pair.upstream.send_text(down), 0);
  EXPECT_EQ(pair.upstream.receive(milliseconds(700)).kind, Received::Kind::kNothing);
  EXPECT_EQ(pair.client.receive(milliseconds(1)).kind, Received::Kind::kNothing);
  remove_fault("blackhole");
  EXPECT_EQ(pair.upstream.receive_exactly(up.size(), kPatience), up);
  EXPECT_EQ(pair.client.receive_exactly(down.size(), kPatience), down);
  ASSERT_EQ(pair.client.send_text("again"), 0);
  EXPECT_EQ(pair.upstream.receive_exactly(5, kPatience), "again");
}

TEST_F(ProxyTest, WhatWasQueuedInTheProxyArrivesAfterHealing) {
  Pair pair = establish(4096);
  const std::string up = numbered(300'000, 3);
  ASSERT_EQ(pair.client.send_text(up), 0);
  add_fault("blackhole");
  ASSERT_TRUE(wait_until([&] { return !events("fault_added").empty(); }, kPatience));
  remove_fault("blackhole");
  EXPECT_EQ(pair.upstream.receive_exactly(up.size(), kPatience), up);
}

TEST_F(ProxyTest, RemovingTheNatHealsExpiredConnections) {
  Pair pair = establish();
  add_fault("nat", R"({"idle_timeout": "300ms"})");
  ASSERT_TRUE(metric_reaches("fault_proxy_nat_expired_total{proxy=\"p\"}", 1));
  EXPECT_EQ(metric("fault_proxy_nat_entries{proxy=\"p\"}"), 0);
  ASSERT_EQ(pair.client.send_text("late"), 0);
  EXPECT_EQ(pair.upstream.receive(milliseconds(300)).kind, Received::Kind::kNothing);
  remove_fault("nat");
  EXPECT_EQ(pair.upstream.receive_exactly(4, kPatience), "late");
}

TEST_F(ProxyTest, ADialBegunBeforeTheBlackholeEndsAfterIt) {
  add_fault("blackhole");
  TestSocket client = TestSocket::dial(kListenHost, kListenPort);
  EXPECT_EQ(client.connect_result(milliseconds(300)), ETIMEDOUT);
  remove_fault("blackhole");
  EXPECT_TRUE(client.wait_connected(kPatience));
  EXPECT_TRUE(upstream_listener_.accept(kPatience).is_open());
}

TEST_F(ProxyTest, AHealedConnectionDoesNotBlockTheListenersPort) {
  // TCP_REPAIR takes the address reuse away from the accepted socket; a listener that is reopened
  // while that connection lives would then find its port in use.
  Pair pair = establish();
  add_fault("blackhole");
  remove_fault("blackhole");
  ASSERT_EQ(control("POST", "/proxies/p", R"({"enabled": false})").status, 200);
  const auto enabled = control("POST", "/proxies/p", R"({"enabled": true})");
  EXPECT_EQ(enabled.status, 200) << enabled.body;
}

TEST_F(ProxyTest, TwoReasonsForSilenceEndOnlyWithTheLast) {
  Pair pair = establish();
  add_fault("nat", R"({"idle_timeout": "300ms"})");
  ASSERT_TRUE(metric_reaches("fault_proxy_nat_expired_total{proxy=\"p\"}", 1));
  add_fault("blackhole");
  ASSERT_EQ(pair.client.send_text("x"), 0);
  remove_fault("blackhole");
  EXPECT_EQ(pair.upstream.receive(milliseconds(700)).kind, Received::Kind::kNothing);
  remove_fault("nat");
  EXPECT_EQ(pair.upstream.receive_exactly(1, kPatience), "x");
}

}  // namespace
}  // namespace halfopen::test

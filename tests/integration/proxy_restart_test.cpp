// peer_restart: what a client sees of each kind, while the upstream itself may do what it likes.
#include <cerrno>

#include "tests/integration/proxy_fixture.hpp"

namespace halfopen::test {
namespace {

TEST_F(ProxyTest, GracefulRestartIsAFinThenRefusalThenService) {
  Pair pair = establish();
  add_fault("peer_restart", R"({"kind": "graceful", "down_time": "1s"})");
  EXPECT_EQ(pair.client.receive(kPatience).kind, Received::Kind::kEndOfStream);
  EXPECT_EQ(pair.upstream.receive(kPatience).kind, Received::Kind::kEndOfStream);
  EXPECT_EQ(TestSocket::dial(kListenHost, kListenPort).connect_result(kPatience), ECONNREFUSED);
  ASSERT_TRUE(wait_until([&] { return events("peer_up").size() == 1; }, kPatience));
  EXPECT_EQ(control("GET", "/proxies/p/faults").body, "[]\n") << "it ends by itself";
  EXPECT_EQ(metric("fault_proxy_fault_active{fault=\"peer_restart\",proxy=\"p\"}"), 0);
  establish();
}

TEST_F(ProxyTest, WithoutADownTimeThePeerIsDownUntilTheFaultIsRemoved) {
  add_fault("peer_restart", R"({"kind": "crash"})");
  EXPECT_EQ(TestSocket::dial(kListenHost, kListenPort).connect_result(kPatience), ECONNREFUSED);
  EXPECT_EQ(events("peer_up").size(), 0U);
  remove_fault("peer_restart");
  EXPECT_EQ(events("peer_down").size(), 1U);
  EXPECT_EQ(events("peer_up").size(), 1U);
  establish();
}

TEST_F(ProxyTest, CrashOfAnIdlePeerIsAFin) {
  Pair pair = establish();
  add_fault("peer_restart", R"({"kind": "crash"})");
  EXPECT_EQ(pair.client.receive(kPatience).kind, Received::Kind::kEndOfStream);
}

TEST_F(ProxyTest, CrashWithUnreadDataIsAReset) {
  Pair pair = establish(4096);
  ASSERT_EQ(pair.client.send_text(std::string(200'000, 'u')), 0);
  add_fault("peer_restart", R"({"kind": "crash"})");
  EXPECT_EQ(pair.client.receive(kPatience).error, ECONNRESET);
  EXPECT_EQ(metric("fault_proxy_resets_total{cause=\"peer_restart\",proxy=\"p\"}"), 1);
}

TEST_F(ProxyTest, PowerLossIsSilenceThenAResetAfterBoot) {
  Pair pair = establish();
  PacketCapture capture = start_capture();
  add_fault("peer_restart", R"({"kind": "power_loss", "down_time": "1500ms"})");
  // The real upstream dies meanwhile; the client must not learn of it.
  pair.upstream.close();
  TestSocket dialling = TestSocket::dial(kListenHost, kListenPort);
  EXPECT_EQ(dialling.connect_result(milliseconds(1100)), ETIMEDOUT) << "the SYN is swallowed";
  ASSERT_EQ(events("peer_up").size(), 0U) << "the test itself stalled";
  EXPECT_EQ(sent_by_proxy(capture), "");
  EXPECT_EQ(pair.client.tcp_state(), "ESTABLISHED");
  ASSERT_TRUE(wait_until([&] { return events("peer_up").size() == 1; }, kPatience));
  EXPECT_EQ(pair.client.receive(milliseconds(200)).kind, Received::Kind::kNothing);
  ASSERT_EQ(pair.client.send_text("x"), 0);
  EXPECT_EQ(pair.client.receive(kPatience).error, ECONNRESET);
  EXPECT_TRUE(dialling.wait_connected(kPatience)) << "its SYN is retransmitted after boot";
}

TEST_F(ProxyTest, PowerLossWithoutDownTimeBootsAtRemoval) {
  Pair pair = establish();
  add_fault("peer_restart", R"({"kind": "power_loss"})");
  ASSERT_EQ(pair.client.send_text("x"), 0);
  EXPECT_EQ(pair.client.receive(milliseconds(500)).kind, Received::Kind::kNothing);
  remove_fault("peer_restart");
  EXPECT_EQ(pair.client.receive(kPatience).error, ECONNRESET)
      << "the retransmission of what was sent into the silence draws it";
}

TEST_F(ProxyTest, ASecondRestartMayFollow) {
  for (int round = 0; round < 2; ++round) {
    Pair pair = establish();
    add_fault("peer_restart", R"({"kind": "graceful", "down_time": "100ms"})");
    EXPECT_EQ(pair.client.receive(kPatience).kind, Received::Kind::kEndOfStream);
    ASSERT_TRUE(
        wait_until([&] { return events("peer_up").size() == static_cast<std::size_t>(round) + 1; },
                   kPatience));
  }
}

}  // namespace
}  // namespace halfopen::test

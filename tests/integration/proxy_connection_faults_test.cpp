// Faults set, changed and removed while connections live, alone and together: what the matrix of
// single faults does not show.
#include <algorithm>
#include <boost/json/parse.hpp>
#include <cerrno>

#include "tests/integration/proxy_fixture.hpp"

namespace halfopen::test {
namespace {

constexpr milliseconds kShort{300};

class ConnectionFaultsTest : public ProxyTest {
 protected:
  void change_fault(const std::string& name, const std::string& attributes) {
    const auto changed =
        control("POST", "/proxies/p/faults/" + name, R"({"attributes": )" + attributes + "}");
    ASSERT_EQ(changed.status, 200) << changed.body;
  }
  static std::size_t unacked_of(const TestSocket& client) {
    const auto socket = find_kernel_socket(client.local_port(), kListenPort);
    return socket ? socket->unacked_bytes : 0;
  }
  static void expect_usable(Pair& pair) {
    ASSERT_EQ(pair.client.send_text("ping"), 0);
    EXPECT_EQ(pair.upstream.receive_exactly(4, kPatience), "ping");
    ASSERT_EQ(pair.upstream.send_text("pong"), 0);
    EXPECT_EQ(pair.client.receive_exactly(4, kPatience), "pong");
  }
};

TEST_F(ConnectionFaultsTest, AResetOnNextThatNobodyMetHasDoneNothing) {
  Pair pair = establish();
  PacketCapture capture = start_capture();
  add_fault("reset_on_next");
  EXPECT_EQ(pair.client.receive(kShort).kind, Received::Kind::kNothing);
  remove_fault("reset_on_next");
  EXPECT_EQ(sent_by_proxy(capture), "");
  expect_usable(pair);
}

TEST_F(ConnectionFaultsTest, AResetOnNextMeetsAKeepAliveProbe) {
  Pair pair = establish();
  pair.client.enable_keepalive();
  add_fault("reset_on_next", R"({"side": "client"})");
  EXPECT_EQ(pair.client.receive(kPatience).error, ECONNRESET) << "without a byte of its own";
  EXPECT_EQ(pair.upstream.tcp_state(), "ESTABLISHED");
  EXPECT_EQ(metric("fault_proxy_resets_total{cause=\"reset_on_next\",proxy=\"p\"}"), 1);
}

TEST_F(ConnectionFaultsTest, AResetOnNextLeavesNewConnectionsAloneUnlessAskedOtherwise) {
  add_fault("reset_on_next");
  Pair first = establish();
  expect_usable(first);
  change_fault("reset_on_next", R"({"new_connections": true})");
  TestSocket client = TestSocket::dial(kListenHost, kListenPort);
  ASSERT_TRUE(client.wait_connected(kPatience));
  ASSERT_EQ(client.send_text("x"), 0);
  EXPECT_EQ(client.receive(kPatience).error, ECONNRESET);
  expect_usable(first);
}

TEST_F(ConnectionFaultsTest, AResetWaitsForAPacketThatComesAsFarAsIt) {
  Pair pair = establish();
  add_fault("blackhole");
  add_fault("reset_on_next");
  ASSERT_EQ(pair.client.send_text("x"), 0);
  EXPECT_EQ(pair.client.receive(kShort).kind, Received::Kind::kNothing);
  const std::string resets = "fault_proxy_resets_total{cause=\"reset_on_next\",proxy=\"p\"}";
  EXPECT_EQ(metric(resets), 0);
  remove_fault("blackhole");
  EXPECT_EQ(pair.client.receive(kPatience).error, ECONNRESET) << "its repetition comes through";
  EXPECT_EQ(metric(resets), 1);
}

TEST_F(ConnectionFaultsTest, WhatASilentAcceptorTookArrivesAfterwards) {
  add_fault("accept_then_silence");
  TestSocket client = TestSocket::dial(kListenHost, kListenPort);
  ASSERT_TRUE(client.wait_connected(kPatience));
  ASSERT_EQ(client.send_text("hello"), 0);
  EXPECT_TRUE(wait_until([&] { return unacked_of(client) == 0; }, kPatience))
      << "a hung process has a kernel that does not hang";
  EXPECT_FALSE(upstream_listener_.accept(kShort).is_open());
  EXPECT_EQ(client.receive(milliseconds(0)).kind, Received::Kind::kNothing);
  remove_fault("accept_then_silence");
  TestSocket upstream = upstream_listener_.accept(kPatience);
  ASSERT_TRUE(upstream.is_open());
  EXPECT_EQ(upstream.receive_exactly(5, kPatience), "hello");
}

TEST_F(ConnectionFaultsTest, BehindTheHandshakeNothingIsHeardNotEvenTheFirstByte) {
  Pair before = establish();
  add_fault("accept_then_silence", R"({"acks": false})");
  // Fewer than the upstream lets wait to be accepted: all of them are dialled for afterwards.
  for (int round = 0; round < 10; ++round) {
    TestSocket client = TestSocket::dial(kListenHost, kListenPort);
    ASSERT_TRUE(client.wait_connected(kPatience));
    ASSERT_EQ(client.send_text("hello"), 0);
    EXPECT_TRUE(holds_for([&] { return unacked_of(client) == 5; }, milliseconds(50))) << round;
    client.close_with_reset();
  }
  TestSocket client = TestSocket::dial(kListenHost, kListenPort);
  ASSERT_TRUE(client.wait_connected(kPatience));
  ASSERT_EQ(client.send_text("hello"), 0);
  EXPECT_FALSE(upstream_listener_.accept(kShort).is_open());
  expect_usable(before);
  remove_fault("accept_then_silence");
  // Those that gave up are dialled for as well, and go again.
  std::vector<TestSocket> accepted;
  EXPECT_TRUE(wait_until(
      [&] {
        TestSocket next = upstream_listener_.accept(milliseconds(0));
        if (next.is_open()) accepted.push_back(std::move(next));
        return std::any_of(accepted.begin(), accepted.end(), [](TestSocket& upstream) {
          return upstream.receive(milliseconds(0)).bytes == "hello";
        });
      },
      kPatience));
}

TEST_F(ConnectionFaultsTest, AHalfCloseEndsOneDirectionBehindWhatHadCome) {
  Pair pair = establish();
  ASSERT_EQ(pair.upstream.send_text("last"), 0);
  ASSERT_EQ(pair.client.receive_exactly(4, kPatience), "last");
  add_fault("half_close");
  EXPECT_EQ(pair.client.receive(kPatience).kind, Received::Kind::kEndOfStream);
  ASSERT_EQ(pair.client.send_text("still here"), 0);
  EXPECT_EQ(pair.upstream.receive_exactly(10, kPatience), "still here");
  // The client answers the end with its own: now both are over.
  pair.client.close();
  EXPECT_EQ(pair.upstream.receive(kPatience).kind, Received::Kind::kEndOfStream);
  Pair next = establish();
  expect_usable(next);
}

TEST_F(ConnectionFaultsTest, AHalfCloseOfNewConnectionsComesAfterItsTime) {
  add_fault("half_close", R"({"side": "upstream", "after": "300ms", "new_connections": true})");
  Pair pair = establish();
  EXPECT_EQ(pair.upstream.receive(kPatience).kind, Received::Kind::kEndOfStream);
  EXPECT_EQ(pair.client.tcp_state(), "ESTABLISHED");
}

TEST_F(ConnectionFaultsTest, WhoWasLeftInTheDarkLearnsItWhenTheAsymmetryIsRemoved) {
  Pair pair = establish();
  add_fault("asymmetric", R"({"how": "rst"})");
  EXPECT_EQ(pair.client.receive(kPatience).error, ECONNRESET);
  EXPECT_EQ(pair.upstream.tcp_state(), "ESTABLISHED");
  ASSERT_EQ(pair.upstream.send_text("x"), 0);
  EXPECT_EQ(pair.upstream.receive(kShort).kind, Received::Kind::kNothing);
  remove_fault("asymmetric");
  EXPECT_EQ(pair.upstream.receive(kPatience).error, ECONNRESET);
}

TEST_F(ConnectionFaultsTest, NobodyHearsARefusalThroughACut) {
  add_fault("refuse");
  EXPECT_EQ(TestSocket::dial(kListenHost, kListenPort).connect_result(kPatience), ECONNREFUSED);
  add_fault("blackhole");
  EXPECT_EQ(TestSocket::dial(kListenHost, kListenPort).connect_result(kShort), ETIMEDOUT);
  remove_fault("blackhole");
  EXPECT_EQ(TestSocket::dial(kListenHost, kListenPort).connect_result(kPatience), ECONNREFUSED);
  add_fault("blackhole");
  remove_fault("refuse");
  TestSocket dialling = TestSocket::dial(kListenHost, kListenPort);
  EXPECT_EQ(dialling.connect_result(kShort), ETIMEDOUT);
  remove_fault("blackhole");
  EXPECT_TRUE(dialling.wait_connected(kPatience)) << "its SYN is repeated";
}

TEST_F(ConnectionFaultsTest, AFlapEndsByItselfAndLosesNothing) {
  Pair pair = establish();
  add_fault("flap", R"({"up": "50ms", "down": "500ms", "count": 1})");
  (void)first_event("flap_down");
  ASSERT_EQ(pair.client.send_text("1"), 0);
  ASSERT_EQ(events("flap_up").size(), 0U) << "the test itself stalled";
  EXPECT_EQ(pair.upstream.receive(milliseconds(50)).kind, Received::Kind::kNothing);
  EXPECT_EQ(pair.upstream.receive_exactly(1, kPatience), "1");
  EXPECT_TRUE(
      wait_until([&] { return control("GET", "/proxies/p/faults").body == "[]\n"; }, kPatience));
  expect_usable(pair);
}

TEST_F(ConnectionFaultsTest, AFlapGoesUpAndDownUntilItIsRemoved) {
  add_fault("flap", R"({"how": "refuse", "up": "20ms", "down": "20ms", "jitter": "10ms"})");
  EXPECT_TRUE(wait_until([&] { return events("flap_up").size() >= 5; }, kPatience));
  remove_fault("flap");
  EXPECT_EQ(events("flap_down").size(), events("flap_up").size());
  Pair pair = establish();
  expect_usable(pair);
}

TEST_F(ConnectionFaultsTest, ABlackHoleMayTurnRound) {
  Pair pair = establish();
  add_fault("blackhole", R"({"direction": "upstream"})");
  ASSERT_EQ(pair.client.send_text("c"), 0);
  ASSERT_EQ(pair.upstream.send_text("u"), 0);
  EXPECT_EQ(pair.client.receive_exactly(1, kPatience), "u");
  EXPECT_EQ(pair.upstream.receive(kShort).kind, Received::Kind::kNothing);
  change_fault("blackhole", R"({"direction": "downstream"})");
  EXPECT_EQ(pair.upstream.receive_exactly(1, kPatience), "c") << "it is repeated";
  ASSERT_EQ(pair.upstream.send_text("v"), 0);
  EXPECT_EQ(pair.client.receive(kShort).kind, Received::Kind::kNothing);
  change_fault("blackhole", R"({"direction": "both"})");
  ASSERT_EQ(pair.client.send_text("d"), 0);
  EXPECT_EQ(pair.upstream.receive(kShort).kind, Received::Kind::kNothing);
  remove_fault("blackhole");
  EXPECT_EQ(pair.client.receive_exactly(1, kPatience), "v");
  EXPECT_EQ(pair.upstream.receive_exactly(1, kPatience), "d");
  expect_usable(pair);
}

TEST_F(ConnectionFaultsTest, ANatTakesAProfileAndSaysSo) {
  const auto added = control(
      "POST", "/proxies/p/faults",
      R"({"type": "nat", "attributes": {"profile": "gcp-cloud-nat", "idle_timeout": "200ms"}})");
  ASSERT_EQ(added.status, 200) << added.body;
  const auto fault = boost::json::parse(added.body).as_object();
  EXPECT_EQ(fault.at("attributes").at("profile"), "gcp-cloud-nat");
  EXPECT_EQ(fault.at("attributes").at("idle_timeout"), "200ms");
  EXPECT_THAT(std::string(fault.at("warning").as_string()), testing::HasSubstr("hearsay"));
  remove_fault("nat");
  const auto unknown = control("POST", "/proxies/p/faults",
                               R"({"type": "nat", "attributes": {"profile": "aws-nbl"}})");
  EXPECT_EQ(unknown.status, 400);
  EXPECT_THAT(unknown.body, testing::HasSubstr("aws-nlb"));
}

}  // namespace
}  // namespace halfopen::test

// A NAT that picks a connection up again after expiry, as a Linux one does: by the same port, by a
// new one, or without any translation.
#include <cerrno>

#include "tests/integration/proxy_fixture.hpp"

namespace halfopen::test {
namespace {

constexpr const char* kExpired = "fault_proxy_nat_expired_total{proxy=\"p\"}";
constexpr const char* kEntries = "fault_proxy_nat_entries{proxy=\"p\"}";
constexpr const char* kResets = "fault_proxy_resets_total{cause=\"nat_next_packet\",proxy=\"p\"}";
constexpr const char* kSamePort =
    R"({"idle_timeout": "400ms", "on_next_packet": "repick_same_port"})";
constexpr const char* kSamePortOrRst =
    R"({"idle_timeout": "400ms",
        "on_next_packet": {"inside": "repick_same_port", "outside": "rst"}})";
constexpr const char* kNewPort =
    R"({"idle_timeout": "400ms", "on_next_packet": "repick_new_port"})";

class ProxyRepickTest : public ProxyTest {
 protected:
  // A pair whose mapping has just expired.
  Pair expired(const char* attributes) {
    Pair pair = establish();
    add_fault("nat", attributes);
    EXPECT_TRUE(metric_reaches(kExpired, 1));
    return pair;
  }
  // What a half-open end meets: its bytes are taken, then the reset comes, then the pipe is broken.
  static void expect_reset_on_send(TestSocket& end) {
    EXPECT_EQ(end.send_text("x"), 0);
    EXPECT_EQ(end.receive(kPatience).error, ECONNRESET);
    EXPECT_EQ(end.send_some("x"), -EPIPE);
  }
  static void expect_untold(TestSocket& end) {
    EXPECT_EQ(end.receive(milliseconds(500)).kind, Received::Kind::kNothing);
    EXPECT_EQ(end.tcp_state(), "ESTABLISHED");
  }
  static void expect_alive(Pair& pair) {
    ASSERT_EQ(pair.client.send_text("up"), 0);
    EXPECT_EQ(pair.upstream.receive_exactly(2, kPatience), "up");
    ASSERT_EQ(pair.upstream.send_text("down"), 0);
    EXPECT_EQ(pair.client.receive_exactly(4, kPatience), "down");
  }
};

TEST_F(ProxyRepickTest, TheInsidesDataMakesTheMappingAnew) {
  Pair pair = expired(kSamePort);
  EXPECT_EQ(metric(kEntries), 0);
  ASSERT_EQ(pair.client.send_text("on"), 0);
  EXPECT_EQ(pair.upstream.receive_exactly(2, kPatience), "on");
  const auto event = first_event("nat_revived");
  EXPECT_EQ(event.at("side"), "inside");
  EXPECT_EQ(event.at("cause"), "data");
  EXPECT_EQ(metric(kEntries), 1);
  expect_alive(pair);
  ASSERT_TRUE(metric_reaches(kExpired, 2)) << "the new mapping expires, too";
  expect_alive(pair);
}

TEST_F(ProxyRepickTest, AKeepaliveProbeMakesTheMappingAnew) {
  Pair pair = expired(kSamePort);
  pair.client.enable_keepalive();
  ASSERT_EQ(pair.upstream.send_text("waiting"), 0);
  EXPECT_EQ(first_event("nat_revived").at("cause"), "keepalive");
  EXPECT_EQ(pair.client.receive_exactly(7, kPatience), "waiting");
  expect_alive(pair);
}

TEST_F(ProxyRepickTest, WhatTheOutsideSendsWaitsForTheInside) {
  Pair pair = expired(kSamePort);
  PacketCapture capture = start_capture();
  ASSERT_EQ(pair.upstream.send_text("early"), 0);
  EXPECT_TRUE(holds_for([&] { return sent_by_proxy(capture).empty(); }, milliseconds(800)))
      << sent_by_proxy(capture);
  const auto event = first_event("nat_next_packet");
  EXPECT_EQ(event.at("side"), "outside");
  EXPECT_EQ(event.at("action"), "drop");
  ASSERT_EQ(pair.client.send_text("late"), 0);
  EXPECT_EQ(pair.upstream.receive_exactly(4, kPatience), "late");
  EXPECT_EQ(pair.client.receive_exactly(5, kPatience), "early");
}

TEST_F(ProxyRepickTest, AFinOfTheInsideIsNotPickedUp) {
  Pair pair = expired(kSamePort);
  PacketCapture capture = start_capture();
  const std::uint16_t client_port = pair.client.local_port();
  pair.client.close();
  expect_untold(pair.upstream);
  EXPECT_EQ(sent_by_proxy(capture), "") << "the FIN is not even acknowledged";
  EXPECT_GE(capture.to_port(kListenPort).size(), 2U) << "the FIN and its retransmission";
  const auto closing = find_kernel_socket(client_port, kListenPort);
  ASSERT_TRUE(closing.has_value());
  EXPECT_EQ(closing->state, "FIN_WAIT1");
  const auto event = first_event("nat_next_packet");
  EXPECT_EQ(event.at("side"), "inside");
  EXPECT_EQ(event.at("action"), "drop");
  EXPECT_TRUE(events("nat_revived").empty());
}

TEST_F(ProxyRepickTest, AResetOfTheInsideIsNotPickedUp) {
  Pair pair = expired(kSamePort);
  PacketCapture capture = start_capture();
  pair.client.close_with_reset();
  expect_untold(pair.upstream);
  ASSERT_EQ(pair.upstream.send_text("anyone?"), 0);
  expect_untold(pair.upstream);
  EXPECT_EQ(sent_by_proxy(capture), "");
  EXPECT_TRUE(events("nat_revived").empty());
}

TEST_F(ProxyRepickTest, DataAndThenAFinArePickedUp) {
  Pair pair = expired(kSamePort);
  ASSERT_EQ(pair.client.send_text("bye"), 0);
  pair.client.close();
  EXPECT_EQ(pair.upstream.receive_exactly(3, kPatience), "bye");
  EXPECT_EQ(pair.upstream.receive(kPatience).kind, Received::Kind::kEndOfStream);
}

TEST_F(ProxyRepickTest, DataAndThenAResetArePickedUp) {
  Pair pair = expired(kSamePort);
  ASSERT_EQ(pair.client.send_text("bye"), 0);
  pair.client.close_with_reset();
  EXPECT_EQ(pair.upstream.receive_exactly(3, kPatience), "bye");
  EXPECT_EQ(pair.upstream.receive(kPatience).error, ECONNRESET);
}

TEST_F(ProxyRepickTest, AnOutsideThatClosedMeanwhileResetsWhoPicksUp) {
  Pair pair = expired(kSamePort);
  pair.upstream.close();
  expect_untold(pair.client);
  expect_reset_on_send(pair.client);
}

TEST_F(ProxyRepickTest, TheNatItselfResetsTheOutside) {
  Pair pair = expired(kSamePortOrRst);
  expect_untold(pair.upstream);
  PacketCapture capture = start_capture();
  expect_reset_on_send(pair.upstream);
  EXPECT_EQ(capture.from_port(kUpstreamPort).size(), 1U)
      << "the first packet is answered, not its repetition";
  expect_untold(pair.client);
  expect_reset_on_send(pair.client);
  EXPECT_EQ(metric(kResets), 2);
  EXPECT_EQ(events("nat_next_packet").front().at("seen"), false) << "the inside's is armed";
  EXPECT_EQ(events("nat_next_packet").back().at("side"), "outside");
  EXPECT_EQ(events("nat_next_packet").back().at("seen"), true);
}

TEST_F(ProxyRepickTest, AProbeOfTheOutsideIsResetToo) {
  Pair pair = expired(kSamePortOrRst);
  pair.upstream.enable_keepalive();
  EXPECT_EQ(pair.upstream.receive(kPatience).error, ECONNRESET);
  expect_untold(pair.client);
}

TEST_F(ProxyRepickTest, WhoeverSpeaksFirstDecides) {
  Pair pair = expired(kSamePortOrRst);
  expect_alive(pair);
  EXPECT_EQ(metric(kResets), 0);
}

TEST_F(ProxyRepickTest, AFinBeforeTheReset) {
  Pair pair = expired(kSamePortOrRst);
  pair.client.shut_writing();
  expect_untold(pair.upstream);
  expect_reset_on_send(pair.upstream);
  EXPECT_EQ(pair.client.receive(milliseconds(500)).kind, Received::Kind::kNothing)
      << "its FIN makes no mapping, so nobody answers";
}

TEST_F(ProxyRepickTest, ANewPortDrawsAResetFromTheOutsidesKernel) {
  Pair pair = expired(kNewPort);
  expect_reset_on_send(pair.client);
  expect_untold(pair.upstream);
  PacketCapture capture = start_capture();
  ASSERT_EQ(pair.upstream.send_text("anyone?"), 0);
  EXPECT_TRUE(holds_for([&] { return sent_by_proxy(capture).empty(); }, milliseconds(800)))
      << sent_by_proxy(capture);
}

TEST_F(ProxyRepickTest, AProbeByANewPortDrawsTheResetWithoutAnyTraffic) {
  Pair pair = expired(kNewPort);
  pair.client.enable_keepalive();
  EXPECT_EQ(pair.client.receive(kPatience).error, ECONNRESET);
  expect_untold(pair.upstream);
}

TEST_F(ProxyRepickTest, WithoutTranslationEitherSideRevives) {
  Pair pair = expired(R"({"idle_timeout": "400ms", "revive_by": "any"})");
  ASSERT_EQ(pair.upstream.send_text("hello"), 0);
  EXPECT_EQ(pair.client.receive_exactly(5, kPatience), "hello");
  EXPECT_EQ(first_event("nat_revived").at("side"), "outside");
  ASSERT_TRUE(metric_reaches(kExpired, 2));
  pair.upstream.close();
  expect_untold(pair.client);
}

TEST_F(ProxyRepickTest, TheInsideMayBeTheUpstream) {
  Pair pair = expired(R"({"idle_timeout": "400ms", "inside": "upstream", "revive_by": "inside"})");
  ASSERT_EQ(pair.client.send_text("waits"), 0);
  EXPECT_EQ(pair.upstream.receive(milliseconds(300)).kind, Received::Kind::kNothing);
  ASSERT_EQ(pair.upstream.send_text("first"), 0);
  EXPECT_EQ(pair.client.receive_exactly(5, kPatience), "first");
  EXPECT_EQ(pair.upstream.receive_exactly(5, kPatience), "waits");
}

TEST_F(ProxyRepickTest, RemovingTheNatLetsTheFinIn) {
  Pair pair = expired(kSamePort);
  pair.client.close();
  expect_untold(pair.upstream);
  remove_fault("nat");
  EXPECT_EQ(pair.upstream.receive(kPatience).kind, Received::Kind::kEndOfStream);
}

}  // namespace
}  // namespace halfopen::test

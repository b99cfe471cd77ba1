// What a hostile reader of the proxy would try: each of these once wedged, lost or crashed
// something.
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "tests/integration/proxy_fixture.hpp"

namespace halfopen::test {
namespace {

// An urgent mark makes one read short although more is behind it, and stops a splice.
void send_urgent(TestSocket& socket, char byte) {
  ASSERT_EQ(send(socket.descriptor(), &byte, 1, MSG_OOB), 1);
}

TEST_F(ProxyTest, WhatFollowsAnUrgentByteIsNotLeftBehind) {
  Pair pair = establish();
  for (int round = 0; round < 20; ++round) {
    // The proxy must find all of it at once for the read to end at the mark.
    proxy_->send_signal(SIGSTOP);
    ASSERT_EQ(pair.client.send_text("before"), 0);
    send_urgent(pair.client, '!');
    ASSERT_EQ(pair.client.send_text("behind"), 0);
    proxy_->send_signal(SIGCONT);
    ASSERT_EQ(pair.upstream.receive_exactly(13, seconds(2)), "before!behind") << round;
  }
}

TEST_F(ProxyTest, AnUrgentByteInTheMiddleOfBulkStopsNothing) {
  Pair pair = establish();
  const std::size_t total = 16'000'000;
  const std::string piece(262'144, 'x');
  std::size_t sent = 0;
  std::size_t received = 0;
  bool was_urgent = false;
  while (received < total) {
    if (sent < total) {
      const long taken =
          pair.client.send_some(piece.substr(0, std::min(piece.size(), total - sent)));
      if (taken > 0) sent += static_cast<std::size_t>(taken);
      if (sent > total / 2 && sent < total && !was_urgent) {
        const char byte = 'x';
        was_urgent = send(pair.client.descriptor(), &byte, 1, MSG_OOB) == 1;
        if (was_urgent) ++sent;
      }
    }
    const Received part = pair.upstream.receive(sent < total ? milliseconds(1) : seconds(2));
    if (part.kind == Received::Kind::kBytes) received += part.bytes.size();
    if (part.kind == Received::Kind::kNothing && sent == total) break;
  }
  EXPECT_TRUE(was_urgent);
  EXPECT_EQ(received, total);
}

TEST_F(ProxyTest, AResetAfterAFinIsRelayedPastAStageToo) {
  ASSERT_EQ(control("POST", "/proxies/p/toxics",
                    R"({"type": "latency", "stream": "upstream", "attributes": {"latency": 5}})")
                .status,
            200);
  Pair pair = establish();
  pair.client.shut_writing();
  ASSERT_EQ(pair.upstream.receive(kPatience).kind, Received::Kind::kEndOfStream);
  pair.client.close_with_reset();
  EXPECT_TRUE(
      wait_until([&] { return metric("fault_proxy_connections{proxy=\"p\"}") == 0; }, kPatience));
  // The upstream had a FIN, so its kernel calls the reset EPIPE.
  EXPECT_TRUE(wait_until([&] { return pair.upstream.tcp_state() == "CLOSE"; }, kPatience))
      << pair.upstream.tcp_state();
}

// Each change costs more than the phase is long.
TEST_F(ProxyTest, AFlapThatIsFasterThanTheMachineLeavesTheRestAlive) {
  std::vector<Pair> pairs;
  for (int i = 0; i < 300; ++i)
    pairs.push_back(establish());
  add_fault("flap", R"({"up": "1ms", "down": "1ms"})");
  for (int call = 0; call < 30; ++call) {
    const auto start = std::chrono::steady_clock::now();
    ASSERT_EQ(control("GET", "/version").status, 200);
    ASSERT_LT(std::chrono::steady_clock::now() - start, seconds(1)) << call;
  }
  remove_fault("flap");
  for (Pair& pair : pairs) {
    ASSERT_EQ(pair.client.send_text("x"), 0);
    ASSERT_EQ(pair.upstream.receive_exactly(1, kPatience), "x");
  }
}

// The fault comes in the same turn of the loop in which the bulk has had its share and is to go on
// in the next one.
TEST_F(ProxyTest, AHalfCloseInTheMiddleOfBulkDoesNotStopTheOtherWay) {
  Pair pair = establish();
  const std::string piece(262'144, 'x');
  std::size_t sent = 0;
  std::size_t received = 0;
  const auto receive = [&](milliseconds within) {
    const Received part = pair.upstream.receive(within);
    received += part.bytes.size();
    return part.kind == Received::Kind::kBytes;
  };
  // The kernel gives buffers of megabytes to a stream that has earned them.
  while (sent < 64'000'000) {
    const long taken = pair.client.send_some(piece);
    if (taken > 0) sent += static_cast<std::size_t>(taken);
    (void)receive(milliseconds(0));
  }
  while (receive(milliseconds(200))) {
  }
  ASSERT_EQ(received, sent);
  // Through a stage a turn moves less. And the answer to the FIN would be an edge that wakes
  // everything, so it is late.
  ASSERT_EQ(
      control("POST", "/proxies/p/toxics", R"({"type": "noop", "stream": "upstream"})").status,
      200);
  ASSERT_EQ(control("POST", "/proxies/p/toxics",
                    R"({"type": "slow_close", "attributes": {"delay": 4000}})")
                .status,
            200);
  add_fault("half_close", R"({"side": "client", "after": "100ms"})");
  proxy_->send_signal(SIGSTOP);
  const std::size_t before = sent;
  // More than a turn moves, and all of it in the proxy's own buffer: no further edge will come.
  for (long taken = 1; taken > 0 && sent - before < 600'000;) {
    taken = pair.client.send_some(piece);
    if (taken > 0) sent += static_cast<std::size_t>(taken);
  }
  EXPECT_FALSE(pair.client.receive(milliseconds(150)).kind == Received::Kind::kEndOfStream);
  proxy_->send_signal(SIGCONT);
  while (received < sent && receive(seconds(2))) {
  }
  EXPECT_EQ(received, sent) << "of which " << sent - before << " while the proxy stood still";
  EXPECT_EQ(pair.client.receive(kPatience).kind, Received::Kind::kEndOfStream);
}

// What was on its way to the upstream comes there, as it would with Toxiproxy.
TEST_F(ProxyTest, AFaultThatClosesLetsTheOtherWayArrive) {
  const auto add = [&](const char* body) {
    ASSERT_EQ(control("POST", "/proxies/p/toxics", body).status, 200);
  };
  add(R"({"type": "latency", "stream": "upstream", "attributes": {"latency": 300}})");
  Pair pair;
  pair.client = TestSocket::dial(kListenHost, kListenPort);
  pair.upstream = upstream_listener_.accept(kPatience);
  ASSERT_EQ(pair.client.send_text("question"), 0);
  ASSERT_TRUE(metric_reaches(
      R"(toxiproxy_proxy_received_bytes_total{direction="upstream",listener="127.0.2.1:7000",proxy="p",upstream="127.0.3.1:7100"})",
      8));
  add(R"({"type": "limit_data", "stream": "downstream", "attributes": {"bytes": 6}})");
  ASSERT_EQ(pair.upstream.send_text("answer"), 0);
  EXPECT_EQ(pair.client.receive_exactly(6, kPatience), "answer");
  EXPECT_EQ(pair.client.receive(milliseconds(150)).kind, Received::Kind::kEndOfStream);
  EXPECT_EQ(pair.upstream.receive_exactly(8, kPatience), "question");
  EXPECT_EQ(pair.upstream.receive(kPatience).kind, Received::Kind::kEndOfStream);
  EXPECT_EQ(first_event("connection_closed").at("reason"), "closed_by_fault");
}

// As a client that sends all its calls at once does, and keeps the connections.
TEST_F(ProxyTest, AHundredCallsOfTheApiAtOnceAreAllAnswered) {
  std::vector<TestSocket> clients;
  for (int i = 0; i < 100; ++i) {
    clients.push_back(TestSocket::dial("127.0.0.1", kControlPort));
    ASSERT_TRUE(clients.back().wait_connected(kPatience));
  }
  for (TestSocket& client : clients)
    (void)client.send_text("GET /version HTTP/1.1\r\nHost: localhost\r\n\r\n");
  for (std::size_t i = 0; i < clients.size(); ++i)
    ASSERT_THAT(clients[i].receive_exactly(15, kPatience), ::testing::StartsWith("HTTP/1.1 200 OK"))
        << i;
}

// Bytes that the reader does not take are ahead of the stage, and it must be asked all the same.
TEST_F(ProxyTest, AReaderThatHasStoppedIsResetToo) {
  Pair pair = establish(4096);
  (void)fill(pair.upstream);
  add_fault("reset_peer", R"({"on": "now"})");
  EXPECT_TRUE(
      wait_until([&] { return metric("fault_proxy_connections{proxy=\"p\"}") == 0; }, kPatience));
  EXPECT_EQ(pair.upstream.receive(kPatience).error, ECONNRESET);
}

TEST_F(ProxyTest, AReaderThatHasStoppedIsToldOfAResetBehindAStage) {
  ASSERT_EQ(control("POST", "/proxies/p/toxics",
                    R"({"type": "latency", "stream": "upstream", "attributes": {"latency": 5}})")
                .status,
            200);
  Pair pair = establish(4096);
  (void)fill(pair.client);
  pair.client.close_with_reset();
  EXPECT_TRUE(
      wait_until([&] { return metric("fault_proxy_connections{proxy=\"p\"}") == 0; }, kPatience));
}

}  // namespace
}  // namespace halfopen::test

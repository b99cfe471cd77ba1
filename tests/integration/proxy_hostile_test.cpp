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

// Connections are destroyed in a later turn than they end, and here there is none.
TEST_F(ProxyTest, StopsInTheMiddleOfBulk) {
  std::vector<Pair> pairs;
  for (int i = 0; i < 8; ++i)
    pairs.push_back(establish());
  const std::string piece(262'144, 'x');
  for (int round = 0; round < 100; ++round) {
    for (Pair& pair : pairs) {
      (void)pair.client.send_some(piece);
      if (round < 60) (void)pair.upstream.receive(milliseconds(0));
    }
  }
  proxy_->send_signal(SIGTERM);
  EXPECT_EQ(proxy_->wait_for_exit(kPatience), 0);
}

}  // namespace
}  // namespace halfopen::test

// Without faults the proxy is a wire: bytes, FINs and RSTs pass in both directions.
#include <cerrno>

#include "tests/integration/proxy_fixture.hpp"

namespace halfopen::test {
namespace {

TEST_F(ProxyTest, RelaysBytesBothWaysUnderBackpressure) {
  Pair pair = establish(4096);
  const std::string data(3'000'000, 'b');
  std::size_t sent = 0;
  std::string received;
  while (received.size() < data.size()) {
    if (sent < data.size()) {
      const long taken = pair.client.send_some(data.substr(sent, 65536));
      if (taken > 0) sent += static_cast<std::size_t>(taken);
    }
    const Received part = pair.upstream.receive(sent < data.size() ? milliseconds(1) : kPatience);
    if (part.kind == Received::Kind::kBytes) received += part.bytes;
    if (part.kind == Received::Kind::kNothing && sent == data.size()) break;
  }
  EXPECT_EQ(received.size(), data.size());
  EXPECT_EQ(metric("fault_proxy_bytes_total{direction=\"upstream\",proxy=\"p\"}"), 3'000'001);
}

// A byte that tells where it belongs, with a period that no buffer has.
std::string pattern(std::size_t from, std::size_t size) {
  std::string bytes(size, ' ');
  for (std::size_t i = 0; i < size; ++i)
    bytes[i] = static_cast<char>((from + i) * 2654435761U >> 13U);
  return bytes;
}

// Bulk goes another way through the proxy than messages do, and a fault makes it change the way
// with bytes underway.
TEST_F(ProxyTest, NoByteIsLostWhereAStreamChangesItsWay) {
  Pair pair = establish();
  const std::size_t total = 24'000'000;
  std::size_t sent = 0;
  std::size_t received = 0;
  for (int turn = 0; received < total; ++turn) {
    if (sent < total) {
      // Now and then a row of messages of a few bytes.
      const std::size_t size = turn % 64 < 24 ? 100 : 262'144;
      const long taken = pair.client.send_some(pattern(sent, std::min(size, total - sent)));
      if (taken > 0) {
        const std::size_t before = sent;
        sent += static_cast<std::size_t>(taken);
        if (before < 8'000'000 && sent >= 8'000'000) {
          const auto added = control(
              "POST", "/proxies/p/faults",
              R"({"type": "latency", "name": "late", "stream": "upstream", "attributes": {"latency": "5ms"}})");
          ASSERT_EQ(added.status, 200) << added.body;
        }
        if (before < 16'000'000 && sent >= 16'000'000) remove_fault("late");
      }
    }
    const Received part = pair.upstream.receive(sent < total ? milliseconds(1) : kPatience);
    if (part.kind == Received::Kind::kBytes) {
      ASSERT_EQ(part.bytes, pattern(received, part.bytes.size())) << "at " << received;
      received += part.bytes.size();
    } else if (sent == total) {
      break;
    }
  }
  EXPECT_EQ(received, total);
  pair.client.shut_writing();
  EXPECT_EQ(pair.upstream.receive(kPatience).kind, Received::Kind::kEndOfStream);
}

TEST_F(ProxyTest, AHalfCloseIsKept) {
  Pair pair = establish();
  pair.client.shut_writing();
  EXPECT_EQ(pair.upstream.receive(kPatience).kind, Received::Kind::kEndOfStream);
  ASSERT_EQ(pair.upstream.send_text("still here"), 0);
  EXPECT_EQ(pair.client.receive_exactly(10, kPatience), "still here");
  pair.upstream.shut_writing();
  EXPECT_EQ(pair.client.receive(kPatience).kind, Received::Kind::kEndOfStream);
  EXPECT_TRUE(
      wait_until([&] { return metric("fault_proxy_connections{proxy=\"p\"}") == 0; }, kPatience));
  EXPECT_EQ(first_event("connection_closed").at("reason"), "closed");
}

TEST_F(ProxyTest, AResetOfTheClientReachesTheUpstreamAsAReset) {
  Pair pair = establish();
  ASSERT_EQ(pair.client.send_text("last words"), 0);
  pair.client.close_with_reset();
  EXPECT_EQ(pair.upstream.receive_exactly(10, kPatience), "last words");
  const Received end = pair.upstream.receive(kPatience);
  EXPECT_EQ(end.kind, Received::Kind::kError);
  EXPECT_EQ(end.error, ECONNRESET);
  EXPECT_EQ(metric("fault_proxy_resets_total{cause=\"relayed\",proxy=\"p\"}"), 1);
  EXPECT_EQ(first_event("connection_closed").at("reason"), "client_reset");
  EXPECT_EQ(first_event("connection_closed").at("errno"), "ECONNRESET");
}

TEST_F(ProxyTest, AResetOfTheUpstreamReachesTheClientAsAReset) {
  Pair pair = establish();
  pair.upstream.close_with_reset();
  EXPECT_EQ(pair.client.receive(kPatience).error, ECONNRESET);
  EXPECT_EQ(first_event("connection_closed").at("reason"), "upstream_reset");
}

TEST_F(ProxyTest, AResetAfterAFinIsStillRelayed) {
  Pair pair = establish();
  pair.client.shut_writing();
  ASSERT_EQ(pair.upstream.receive(kPatience).kind, Received::Kind::kEndOfStream);
  pair.client.close_with_reset();
  // The upstream had a FIN, so its kernel calls the reset EPIPE.
  EXPECT_TRUE(wait_until([&] { return pair.upstream.send_some("x") == -EPIPE; }, kPatience));
  EXPECT_TRUE(
      wait_until([&] { return metric("fault_proxy_connections{proxy=\"p\"}") == 0; }, kPatience));
}

TEST_F(ProxyTest, AResetOfTheUpstreamAfterItsFinIsNoticedWithoutTraffic) {
  Pair pair = establish();
  pair.upstream.shut_writing();
  ASSERT_EQ(pair.client.receive(kPatience).kind, Received::Kind::kEndOfStream);
  pair.upstream.close_with_reset();
  EXPECT_TRUE(wait_until([&] { return pair.client.tcp_state() == "CLOSE"; }, kPatience));
}

TEST_F(ProxyTest, AResetIsRelayedWhileTheOtherSideDoesNotRead) {
  Pair pair = establish(4096);
  ASSERT_GT(fill(pair.client), 65536U);
  pair.client.close_with_reset();
  EXPECT_TRUE(wait_until([&] { return pair.upstream.tcp_state() == "CLOSE"; }, kPatience));
}

TEST_F(ProxyTest, ARefusingUpstreamResetsTheClient) {
  upstream_listener_.close();
  TestSocket client = TestSocket::dial(kListenHost, kListenPort);
  EXPECT_TRUE(wait_until([&] { return client.tcp_state() == "CLOSE"; }, kPatience));
  EXPECT_EQ(metric("fault_proxy_connections_total{outcome=\"upstream_refused\",proxy=\"p\"}"), 1);
  EXPECT_EQ(first_event("connection_closed").at("errno"), "ECONNREFUSED");
}

TEST_F(ProxyTest, AnUpstreamThatNeverAnswersIsGivenUpAfterADeadline) {
  // Left to itself the kernel dials for more than two minutes.
  ASSERT_TRUE(drop_segments_from(kUpstreamPort).has_value()) << "its SYN-ACKs get lost";
  TestSocket client = TestSocket::dial(kListenHost, kListenPort);
  ASSERT_TRUE(client.wait_connected(kPatience));
  EXPECT_EQ(client.receive(milliseconds(3000)).kind, Received::Kind::kNothing) << "not given time";
  // A fault that goes meanwhile, and has not held the dial up, does not give it more.
  add_fault("reset_on_next");
  remove_fault("reset_on_next");
  EXPECT_EQ(client.receive(milliseconds(4000)).error, ECONNRESET);
  EXPECT_EQ(metric("fault_proxy_connections_total{outcome=\"upstream_timeout\",proxy=\"p\"}"), 1);
  const auto event = first_event("connection_closed");
  EXPECT_EQ(event.at("reason"), "upstream_timeout");
  EXPECT_EQ(event.at("errno"), "ETIMEDOUT");
}

TEST_F(ProxyTest, ConnectionsAreListed) {
  Pair pair = establish();
  const std::string list = control("GET", "/proxies/p/connections").body;
  EXPECT_THAT(list, ::testing::HasSubstr("\"state\":\"relaying\""));
  EXPECT_THAT(list, ::testing::HasSubstr("127.0.0.1:" + std::to_string(pair.client.local_port())));
}

}  // namespace
}  // namespace halfopen::test

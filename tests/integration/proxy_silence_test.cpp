// A mapping that is gone in the drop profile, and a black hole: nothing at all leaves the proxy.
#include <cerrno>
#include <csignal>

#include "tests/integration/proxy_fixture.hpp"

namespace halfopen::test {
namespace {

constexpr const char* kExpired = "fault_proxy_nat_expired_total{proxy=\"p\"}";
constexpr const char* kDroppedFromClient =
    "fault_proxy_segments_dropped_total{direction=\"upstream\",proxy=\"p\"}";
constexpr const char* kDroppedFromUpstream =
    "fault_proxy_segments_dropped_total{direction=\"downstream\",proxy=\"p\"}";
constexpr int kSmallBuffer = 4096;

// Long enough for the proxy's own zero-window probes and retransmissions, whose pauses double from
// 200 ms, and for the peers' keep-alive probes of one second.
constexpr milliseconds kSilence = milliseconds(3500);

class ProxySilenceTest : public ProxyTest {
 protected:
  // What the proxy cannot get rid of, while its peers have all their own data acknowledged.
  static void queue_in_proxy(TestSocket& from) {
    const std::string data(200'000, 'q');
    ASSERT_EQ(from.send_text(data), 0);
  }
  void expect_silence(PacketCapture& capture, milliseconds span) {
    std::string sent;
    EXPECT_TRUE(holds_for(
        [&] {
          sent = sent_by_proxy(capture);
          return sent.empty();
        },
        span))
        << "the proxy sent\n"
        << sent;
  }
};

TEST_F(ProxySilenceTest, ExpiredMappingAnswersNeitherDataNorProbes) {
  Pair pair = establish();
  pair.upstream.enable_keepalive();
  add_fault("nat", R"({"idle_timeout": "500ms", "refresh_by": "bytes"})");
  ASSERT_TRUE(metric_reaches(kExpired, 1));
  PacketCapture capture = start_capture();
  ASSERT_EQ(pair.client.send_text("lost"), 0);
  expect_silence(capture, kSilence);
  EXPECT_GE(capture.to_port(kListenPort).size(), 3U) << "the client's data and retransmissions";
  EXPECT_GE(capture.from_port(kUpstreamPort).size(), 2U) << "the upstream's keep-alive probes";
  EXPECT_GE(metric(kDroppedFromClient), 3);
  EXPECT_GE(metric(kDroppedFromUpstream), 2) << "swallowed by the upstream leg's own filter";
  EXPECT_EQ(pair.client.tcp_state(), "ESTABLISHED");
  EXPECT_EQ(pair.upstream.tcp_state(), "ESTABLISHED");
}

TEST_F(ProxySilenceTest, SegmentsAreSwallowedBeforeTcpSeesThem) {
  Pair pair = establish();
  add_fault("blackhole");
  ASSERT_EQ(pair.client.send_text("to the client's leg"), 0);
  ASSERT_EQ(pair.upstream.send_text("to the upstream's leg"), 0);
  ASSERT_TRUE(metric_reaches(kDroppedFromClient, 1));
  ASSERT_TRUE(metric_reaches(kDroppedFromUpstream, 1));
  const auto client_leg = find_kernel_socket(kListenPort, pair.client.local_port());
  const auto upstream_leg = find_kernel_socket(pair.upstream.peer_port(), kUpstreamPort);
  ASSERT_TRUE(client_leg && upstream_leg);
  EXPECT_EQ(client_leg->unread_bytes, 0U);
  EXPECT_EQ(upstream_leg->unread_bytes, 0U);
}

TEST_F(ProxySilenceTest, TheFirstSwallowedPacketOfEachSideIsAnEvent) {
  Pair pair = establish();
  add_fault("nat", R"({"idle_timeout": "300ms"})");
  ASSERT_TRUE(metric_reaches(kExpired, 1));
  ASSERT_EQ(pair.upstream.send_text("lost"), 0);
  const auto event = first_event("nat_next_packet");
  EXPECT_EQ(event.at("side"), "outside");
  EXPECT_EQ(event.at("action"), "drop");
  EXPECT_EQ(event.at("seen"), true);
}

TEST_F(ProxySilenceTest, ExpiredMappingKeepsWhatIsQueuedInBothDirections) {
  Pair pair = establish(kSmallBuffer);
  queue_in_proxy(pair.client);
  queue_in_proxy(pair.upstream);
  add_fault("nat", R"({"idle_timeout": "600ms"})");
  ASSERT_TRUE(metric_reaches(kExpired, 1));
  PacketCapture capture = start_capture();
  expect_silence(capture, kSilence);
}

TEST_F(ProxySilenceTest, BlackholeKeepsWhatIsQueuedWhileBothPeersPress) {
  Pair pair = establish(kSmallBuffer);
  ASSERT_GT(fill(pair.client), 65536U);
  ASSERT_GT(fill(pair.upstream), 65536U);
  // Without the mark, the proxy's zero-window probes would show within a second of these.
  add_fault("blackhole");
  PacketCapture capture = start_capture();
  expect_silence(capture, kSilence);
  EXPECT_GE(capture.to_port(kListenPort).size(), 1U) << "the client's window probes";
}

TEST_F(ProxySilenceTest, BlackholeSwallowsDials) {
  add_fault("blackhole");
  PacketCapture capture = start_capture();
  TestSocket client = TestSocket::dial(kListenHost, kListenPort);
  expect_silence(capture, milliseconds(1500));
  EXPECT_GE(capture.to_port(kListenPort).size(), 2U) << "the SYN and its retransmission";
  ASSERT_TRUE(metric_reaches(kDroppedFromClient, 2));
  remove_fault("blackhole");
  EXPECT_TRUE(client.wait_connected(kPatience));
}

TEST_F(ProxySilenceTest, SynDropSwallowsDialsAndSparesConnections) {
  Pair pair = establish();
  add_fault("syn_drop");
  TestSocket client = TestSocket::dial(kListenHost, kListenPort);
  EXPECT_EQ(client.connect_result(milliseconds(1500)), ETIMEDOUT);
  ASSERT_TRUE(metric_reaches(kDroppedFromClient, 2)) << "the SYN and its retransmission";
  ASSERT_EQ(pair.client.send_text("old"), 0);
  EXPECT_EQ(pair.upstream.receive_exactly(3, kPatience), "old");
  ASSERT_EQ(pair.upstream.send_text("friend"), 0);
  EXPECT_EQ(pair.client.receive_exactly(6, kPatience), "friend");
  EXPECT_EQ(metric("fault_proxy_fault_active{fault=\"syn_drop\",proxy=\"p\"}"), 1);
  remove_fault("syn_drop");
  EXPECT_TRUE(client.wait_connected(kPatience));
  EXPECT_TRUE(upstream_listener_.accept(kPatience).is_open());
}

TEST_F(ProxySilenceTest, BlackholeSwallowsDialsThatWereHalfWay) {
  ASSERT_TRUE(drop_segments_from(kListenPort).has_value()) << "the first SYN-ACK gets lost";
  TestSocket client = TestSocket::dial(kListenHost, kListenPort);
  ASSERT_TRUE(wait_until(
      [&] {
        const auto request = find_kernel_socket(kListenPort, client.local_port());
        return request && request->state == "SYN_RECV";
      },
      kPatience));
  add_fault("blackhole");
  stop_dropping_segments();
  // Long enough for the kernel's second and third SYN-ACK, a second and three after the first.
  PacketCapture capture = start_capture();
  expect_silence(capture, kSilence);
  EXPECT_GE(capture.to_port(kListenPort).size(), 1U) << "the client's repeated SYN";
  remove_fault("blackhole");
  EXPECT_TRUE(client.wait_connected(kPatience));
  TestSocket upstream = upstream_listener_.accept(kPatience);
  ASSERT_EQ(client.send_text("healed"), 0);
  EXPECT_EQ(upstream.receive_exactly(6, kPatience), "healed");
}

TEST_F(ProxySilenceTest, SigkillSaysNothingWithDataQueued) {
  Pair pair = establish(kSmallBuffer);
  queue_in_proxy(pair.client);
  queue_in_proxy(pair.upstream);
  add_fault("nat", R"({"idle_timeout": "600ms"})");
  ASSERT_TRUE(metric_reaches(kExpired, 1));
  PacketCapture capture = start_capture();
  proxy_->send_signal(SIGKILL);
  ASSERT_EQ(proxy_->wait_for_exit(kPatience), 128 + SIGKILL);
  expect_silence(capture, milliseconds(1500));
  EXPECT_EQ(pair.client.tcp_state(), "ESTABLISHED");
  EXPECT_EQ(pair.upstream.tcp_state(), "ESTABLISHED");
}

TEST_F(ProxySilenceTest, SigkillSaysNothingEvenWhenTheFirewallRuleIsGoneFirst) {
  Pair pair = establish();
  add_fault("nat", R"({"idle_timeout": "300ms"})");
  ASSERT_TRUE(metric_reaches(kExpired, 1));
  stop_dropping_marked_packets();
  PacketCapture capture = start_capture();
  proxy_->send_signal(SIGKILL);
  ASSERT_EQ(proxy_->wait_for_exit(kPatience), 128 + SIGKILL);
  expect_silence(capture, milliseconds(500));
}

TEST_F(ProxySilenceTest, TheFilterOfEachLegSwallowsWhatArrives) {
  // While the firewall rule stands it hides what the kernel would answer. Without it, a segment
  // that is not swallowed on arrival draws an acknowledgement that everybody sees.
  Pair pair = establish();
  add_fault("nat", R"({"idle_timeout": "300ms"})");
  ASSERT_TRUE(metric_reaches(kExpired, 1));
  stop_dropping_marked_packets();
  PacketCapture capture = start_capture();
  ASSERT_EQ(pair.client.send_text("lost"), 0);
  ASSERT_EQ(pair.upstream.send_text("lost"), 0);
  expect_silence(capture, milliseconds(1000));
  EXPECT_GE(capture.to_port(kListenPort).size(), 2U) << "the client's data and retransmissions";
  EXPECT_GE(capture.from_port(kUpstreamPort).size(), 2U) << "the upstream's";
}

TEST_F(ProxySilenceTest, SilenceOutlivesTheRetransmissionLimit) {
  // Data in flight when the hole opens: the proxy's kernel retransmits it into the hole and, at a
  // limit of 2, would give up after about three seconds, forget the connection and answer with a
  // RST.
  Pair pair = establish();
  FILE* limit = std::fopen("/proc/sys/net/ipv4/tcp_retries2", "w");
  ASSERT_NE(limit, nullptr);
  std::fputs("2", limit);
  ASSERT_EQ(std::fclose(limit), 0);
  ASSERT_TRUE(drop_segments_from(kUpstreamPort).has_value()) << "the upstream's ACK gets lost";
  ASSERT_EQ(pair.client.send_text("underway"), 0);
  ASSERT_EQ(pair.upstream.receive_exactly(8, kPatience), "underway");
  add_fault("blackhole");
  stop_dropping_segments();
  PacketCapture capture = start_capture();
  expect_silence(capture, seconds(5));
  ASSERT_EQ(pair.upstream.send_text("anyone?"), 0);
  expect_silence(capture, milliseconds(500));
  const auto leg = find_kernel_socket(pair.upstream.peer_port(), kUpstreamPort);
  ASSERT_TRUE(leg.has_value());
  EXPECT_EQ(leg->state, "ESTABLISHED");
  EXPECT_GT(leg->unacked_bytes, 0U) << "without data in flight this test shows nothing";
}

}  // namespace
}  // namespace halfopen::test

// The NAT as its two sides see it: what keeps a mapping alive, and what each profile does after.
#include <cerrno>

#include "tests/integration/proxy_fixture.hpp"

namespace halfopen::test {
namespace {

constexpr const char* kExpired = "fault_proxy_nat_expired_total{proxy=\"p\"}";
constexpr const char* kEntries = "fault_proxy_nat_entries{proxy=\"p\"}";

TEST_F(ProxyTest, KeepaliveProbesKeepAMappingAlive) {
  Pair probing = establish();
  Pair idle = establish();
  probing.client.enable_keepalive();
  add_fault("nat", R"({"idle_timeout": "3s"})");
  EXPECT_EQ(metric(kEntries), 2);
  // The idle one goes; the probing one, of the same age, has then lived on probes alone.
  ASSERT_TRUE(metric_reaches(kExpired, 1));
  EXPECT_TRUE(holds_for([&] { return metric(kEntries) == 1; }, seconds(3)));
  EXPECT_GE(metric("fault_proxy_nat_refresh_total{cause=\"keepalive\",proxy=\"p\"}"), 2);
  ASSERT_EQ(probing.client.send_text("alive"), 0);
  EXPECT_EQ(probing.upstream.receive_exactly(5, kPatience), "alive");
}

TEST_F(ProxyTest, KeepaliveProbesDoNotKeepAnIdleTimerOfBytesAlive) {
  Pair probing = establish();
  probing.client.enable_keepalive();
  add_fault("nat", R"({"idle_timeout": "3s", "refresh_by": "bytes"})");
  ASSERT_TRUE(metric_reaches(kExpired, 1));
  EXPECT_EQ(metric("fault_proxy_nat_refresh_total{cause=\"keepalive\",proxy=\"p\"}"), 0);
}

TEST_F(ProxyTest, DataKeepsAMappingAliveAndExpiryIsNeverEarly) {
  Pair pair = establish();
  add_fault("nat", R"({"idle_timeout": "700ms"})");
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(pair.upstream.send_text("d"), 0);
    ASSERT_EQ(pair.client.receive_exactly(1, kPatience), "d");
    EXPECT_EQ(pair.client.receive(milliseconds(150)).kind, Received::Kind::kNothing);
  }
  EXPECT_EQ(metric(kExpired), 0);
  ASSERT_TRUE(metric_reaches(kExpired, 1));
  const auto event = first_event("nat_expired");
  EXPECT_GE(event.at("idle_ms").to_number<int>(), 700);
}

TEST_F(ProxyTest, ResetProfileTellsOnlyWhoSpeaks) {
  Pair pair = establish();
  PacketCapture capture = start_capture();
  add_fault("nat", R"({"idle_timeout": "300ms", "on_next_packet": "rst"})");
  ASSERT_TRUE(metric_reaches(kExpired, 1));
  EXPECT_EQ(sent_by_proxy(capture), "") << "expiry itself is silent";
  ASSERT_EQ(pair.client.send_text("x"), 0);
  const Received answer = pair.client.receive(kPatience);
  EXPECT_EQ(answer.kind, Received::Kind::kError);
  EXPECT_EQ(answer.error, ECONNRESET);
  EXPECT_EQ(pair.upstream.receive(milliseconds(300)).kind, Received::Kind::kNothing);
  EXPECT_EQ(pair.upstream.tcp_state(), "ESTABLISHED");
  ASSERT_EQ(pair.upstream.send_text("y"), 0);
  EXPECT_EQ(pair.upstream.receive(kPatience).error, ECONNRESET);
  EXPECT_EQ(metric("fault_proxy_resets_total{cause=\"nat_next_packet\",proxy=\"p\"}"), 2);
}

TEST_F(ProxyTest, SidesMayDiffer) {
  Pair pair = establish();
  add_fault("nat", R"({"idle_timeout": "300ms",
                       "on_next_packet": {"inside": "rst", "outside": "drop"}})");
  ASSERT_TRUE(metric_reaches(kExpired, 1));
  PacketCapture capture = start_capture();
  ASSERT_EQ(pair.upstream.send_text("y"), 0);
  EXPECT_TRUE(holds_for([&] { return sent_by_proxy(capture).empty(); }, milliseconds(800)))
      << sent_by_proxy(capture);
  ASSERT_EQ(pair.client.send_text("x"), 0);
  EXPECT_EQ(pair.client.receive(kPatience).error, ECONNRESET);
  EXPECT_EQ(pair.upstream.tcp_state(), "ESTABLISHED");
}

TEST_F(ProxyTest, TheInsideMayBeTheUpstream) {
  Pair pair = establish();
  add_fault("nat", R"({"idle_timeout": "300ms", "inside": "upstream",
                       "on_next_packet": {"inside": "rst", "outside": "drop"}})");
  ASSERT_TRUE(metric_reaches(kExpired, 1));
  ASSERT_EQ(pair.client.send_text("x"), 0);
  EXPECT_EQ(pair.client.receive(milliseconds(500)).kind, Received::Kind::kNothing);
  ASSERT_EQ(pair.upstream.send_text("y"), 0);
  EXPECT_EQ(pair.upstream.receive(kPatience).error, ECONNRESET);
}

TEST_F(ProxyTest, ResetAtExpiryReachesBothSides) {
  Pair pair = establish();
  add_fault("nat", R"({"idle_timeout": "300ms", "on_expiry": "rst_both"})");
  EXPECT_EQ(pair.client.receive(kPatience).error, ECONNRESET);
  EXPECT_EQ(pair.upstream.receive(kPatience).error, ECONNRESET);
  EXPECT_EQ(metric("fault_proxy_resets_total{cause=\"nat_expiry\",proxy=\"p\"}"), 2);
}

TEST_F(ProxyTest, ResetAtExpiryOfTheInsideLeavesTheOutsideHalfOpen) {
  Pair pair = establish();
  add_fault("nat", R"({"idle_timeout": "300ms", "on_expiry": "rst_inside"})");
  EXPECT_EQ(pair.client.receive(kPatience).error, ECONNRESET);
  EXPECT_EQ(pair.upstream.receive(milliseconds(300)).kind, Received::Kind::kNothing);
  EXPECT_EQ(pair.upstream.tcp_state(), "ESTABLISHED");
}

TEST_F(ProxyTest, CloseAtExpiryIsAFinAndLaterDataDrawsAReset) {
  Pair pair = establish();
  add_fault("nat", R"({"idle_timeout": "300ms", "on_expiry": "fin_both",
                       "refresh_by": "bytes"})");
  EXPECT_EQ(pair.client.receive(kPatience).kind, Received::Kind::kEndOfStream);
  EXPECT_EQ(pair.upstream.receive(kPatience).kind, Received::Kind::kEndOfStream);
  ASSERT_EQ(pair.client.send_text("x"), 0) << "the first send after a FIN succeeds and is lost";
  EXPECT_TRUE(wait_until([&] { return pair.client.send_some("x") == -EPIPE; }, kPatience));
}

TEST_F(ProxyTest, ConnectionsThatComeLaterGetAMappingToo) {
  add_fault("nat", R"({"idle_timeout": "500ms"})");
  EXPECT_EQ(metric(kEntries), 0);
  Pair pair = establish();
  EXPECT_EQ(metric(kEntries), 1);
  ASSERT_TRUE(metric_reaches(kExpired, 1));
  EXPECT_EQ(pair.client.tcp_state(), "ESTABLISHED");
}

// So many are told from their counts of drops alone, as long as those do not move.
TEST_F(ProxyTest, TheProbesOfACrowdRefreshItsMappings) {
  constexpr int kCrowd = 80;
  std::vector<Pair> pairs;
  for (int i = 0; i < kCrowd; ++i)
    pairs.push_back(establish());
  for (int i = 0; i < kCrowd / 2; ++i)
    pairs.at(static_cast<std::size_t>(i)).client.enable_keepalive();
  add_fault("nat", R"({"idle_timeout": "3s", "on_expiry": "rst_both"})");
  const std::string expired = "fault_proxy_nat_expired_total{proxy=\"p\"}";
  EXPECT_TRUE(metric_reaches(expired, kCrowd / 2));
  // Two timeouts more: those who probe stay.
  EXPECT_FALSE(wait_until([&] { return metric(expired) > kCrowd / 2; }, seconds(6)));
  EXPECT_EQ(metric("fault_proxy_nat_entries{proxy=\"p\"}"), kCrowd / 2);
  EXPECT_GT(metric("fault_proxy_nat_refresh_total{cause=\"keepalive\",proxy=\"p\"}"), kCrowd);
  // A mapping whose owner stops probing counts from the last probe, not from when somebody saw it:
  // the last one of all was answered before now, and a twentieth of the timeout may be lost in
  // looking. (The rest is for a busy machine.)
  for (int i = 0; i < kCrowd / 2; ++i)
    pairs.at(static_cast<std::size_t>(i)).client.disable_keepalive();
  EXPECT_TRUE(wait_until([&] { return metric(expired) == kCrowd; },
                         seconds(3) + milliseconds(150) + milliseconds(500)));
}

}  // namespace
}  // namespace halfopen::test

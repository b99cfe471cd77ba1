// An outage with a NAT on the way: which packets the NAT still sees, when its mapping goes
// meanwhile, and what the ends meet once the cable is whole again.
#include <cerrno>

#include "tests/integration/proxy_fixture.hpp"

namespace halfopen::test {
namespace {

constexpr const char* kExpired = "fault_proxy_nat_expired_total{proxy=\"p\"}";
constexpr const char* kAtOutside = R"({"at": "outside"})";
constexpr const char* kAtInside = R"({"at": "inside"})";

class ProxyOutageTest : public ProxyTest {
 protected:
  static bool is_there(const std::string& text, TestSocket& end) {
    return end.receive_exactly(text.size(), kPatience) == text;
  }
  double idle_seconds_of_expiry() const {
    return first_event("nat_expired").at("idle_ms").to_number<double>() / 1000;
  }
};

TEST_F(ProxyOutageTest, AnOutageShorterThanTheTimeoutsHeals) {
  Pair pair = establish();
  add_fault("nat", R"({"idle_timeout": "8s", "unacked_timeout": "3s"})");
  add_fault("blackhole", kAtOutside);
  ASSERT_EQ(pair.client.send_text("up"), 0);
  ASSERT_EQ(pair.upstream.send_text("down"), 0);
  EXPECT_TRUE(holds_for([&] { return metric(kExpired) == 0; }, milliseconds(1500)));
  remove_fault("blackhole");
  EXPECT_TRUE(is_there("up", pair.upstream));
  EXPECT_TRUE(is_there("down", pair.client));
  EXPECT_TRUE(events("nat_expired").empty());
}

TEST_F(ProxyOutageTest, UnacknowledgedDataExpiresTheMappingEarly) {
  Pair pair = establish();
  add_fault("nat", R"({"idle_timeout": "1h", "unacked_timeout": "1s"})");
  add_fault("blackhole", kAtOutside);
  ASSERT_EQ(pair.client.send_text("up"), 0);
  ASSERT_TRUE(metric_reaches(kExpired, 1));
  EXPECT_GE(idle_seconds_of_expiry(), 1.0) << "counted from the last retransmission that came";
  EXPECT_EQ(first_event("nat_expired").at("last_cause"), "data");
  remove_fault("blackhole");
  EXPECT_EQ(pair.upstream.receive(milliseconds(1500)).kind, Received::Kind::kNothing)
      << "the connection stays dead after the outage";
  EXPECT_EQ(pair.client.tcp_state(), "ESTABLISHED");
}

TEST_F(ProxyOutageTest, DataThatReachesNoNatDoesNotRefreshIt) {
  Pair pair = establish();
  add_fault("nat", R"({"idle_timeout": "1500ms", "unacked_timeout": "1500ms"})");
  const auto refreshed = [&] {
    return metric("fault_proxy_nat_refresh_total{cause=\"data\",proxy=\"p\"}");
  };
  const double before = refreshed();
  add_fault("blackhole", kAtInside);
  ASSERT_EQ(pair.client.send_text("up"), 0);
  ASSERT_TRUE(metric_reaches(kExpired, 1));
  EXPECT_EQ(refreshed(), before);
}

TEST_F(ProxyOutageTest, ProbesIntoTheCutRefreshWithTheNormalTimeout) {
  Pair pair = establish();
  pair.client.enable_keepalive();
  add_fault("nat", R"({"idle_timeout": "1800ms", "unacked_timeout": "300ms"})");
  add_fault("blackhole", kAtOutside);
  // Unanswered, the client's kernel gives up after some probes; until then each of them counts.
  EXPECT_TRUE(holds_for([&] { return metric(kExpired) == 0; }, milliseconds(2600)));
  EXPECT_GE(metric("fault_proxy_nat_refresh_total{cause=\"keepalive\",proxy=\"p\"}"), 2);
}

TEST_F(ProxyOutageTest, WithBothCablesCutNothingRefreshes) {
  Pair pair = establish();
  pair.client.enable_keepalive();
  pair.upstream.enable_keepalive();
  add_fault("nat", R"({"idle_timeout": "1500ms"})");
  add_fault("blackhole");
  ASSERT_TRUE(metric_reaches(kExpired, 1));
  EXPECT_EQ(metric("fault_proxy_nat_refresh_total{cause=\"keepalive\",proxy=\"p\"}"), 0);
}

TEST_F(ProxyOutageTest, TheOutsidesPacketsRefreshWhenTheInsideIsCutOff) {
  Pair pair = establish();
  pair.upstream.enable_keepalive();
  add_fault("nat", R"({"idle_timeout": "1800ms"})");
  add_fault("blackhole", kAtInside);
  EXPECT_TRUE(holds_for([&] { return metric(kExpired) == 0; }, milliseconds(2600)));
}

TEST_F(ProxyOutageTest, ExpiryInTheOutageIsSilentAndTheResetComesAfterwards) {
  Pair pair = establish();
  PacketCapture capture = start_capture();
  add_fault("nat", R"({"idle_timeout": "500ms", "on_expiry": "rst_both",
                       "on_next_packet": "rst"})");
  add_fault("blackhole");
  ASSERT_TRUE(metric_reaches(kExpired, 1));
  ASSERT_EQ(pair.client.send_text("x"), 0);
  ASSERT_EQ(pair.upstream.send_text("y"), 0);
  EXPECT_TRUE(holds_for([&] { return sent_by_proxy(capture).empty(); }, milliseconds(700)))
      << sent_by_proxy(capture);
  remove_fault("blackhole");
  EXPECT_EQ(pair.client.receive(kPatience).error, ECONNRESET);
  EXPECT_EQ(pair.upstream.receive(kPatience).error, ECONNRESET);
}

TEST_F(ProxyOutageTest, WhatIsRepeatedAfterTheOutageIsPickedUp) {
  Pair pair = establish();
  add_fault("nat", R"({"idle_timeout": "500ms", "on_next_packet": "repick_same_port"})");
  add_fault("blackhole");
  ASSERT_EQ(pair.client.send_text("up"), 0);
  ASSERT_TRUE(metric_reaches(kExpired, 1));
  EXPECT_TRUE(events("nat_revived").empty());
  remove_fault("blackhole");
  EXPECT_TRUE(is_there("up", pair.upstream));
}

TEST_F(ProxyOutageTest, WhatWasUnderwayWhenTheCableBrokeIsPickedUp) {
  Pair pair = establish();
  add_fault("nat", R"({"idle_timeout": "500ms", "on_next_packet": "repick_same_port"})");
  ASSERT_TRUE(drop_segments_from(kUpstreamPort).has_value()) << "the far ACK gets lost";
  ASSERT_EQ(pair.client.send_text("underway"), 0);
  ASSERT_TRUE(is_there("underway", pair.upstream));
  add_fault("blackhole");
  stop_dropping_segments();
  ASSERT_TRUE(metric_reaches(kExpired, 1));
  remove_fault("blackhole");
  EXPECT_TRUE(wait_until(
      [&] {
        const auto leg = find_kernel_socket(pair.upstream.peer_port(), kUpstreamPort);
        return leg && leg->unacked_bytes == 0;
      },
      kPatience))
      << "the repeated data never came through";
  EXPECT_FALSE(events("nat_revived").empty());
}

TEST_F(ProxyOutageTest, ARetransmissionRevivesEvenDuringAnOutageBeyond) {
  Pair pair = establish();
  add_fault("nat", R"({"idle_timeout": "400ms", "on_next_packet": "repick_same_port"})");
  ASSERT_TRUE(metric_reaches(kExpired, 1));
  add_fault("blackhole", kAtOutside);
  ASSERT_EQ(pair.client.send_text("up"), 0);
  EXPECT_EQ(first_event("nat_revived").at("side"), "inside");
  EXPECT_EQ(pair.upstream.receive(milliseconds(100)).kind, Received::Kind::kNothing);
  remove_fault("blackhole");
  EXPECT_TRUE(is_there("up", pair.upstream));
}

TEST_F(ProxyOutageTest, TheCableMayChangeWhileItIsCut) {
  Pair pair = establish();
  add_fault("blackhole", kAtInside);
  const auto changed =
      control("POST", "/proxies/p/faults/blackhole", R"({"attributes": {"at": "outside"}})");
  EXPECT_EQ(changed.status, 200) << changed.body;
  EXPECT_THAT(changed.body, ::testing::HasSubstr("\"at\":\"outside\""));
  ASSERT_EQ(pair.client.send_text("up"), 0);
  EXPECT_EQ(pair.upstream.receive(milliseconds(300)).kind, Received::Kind::kNothing);
  EXPECT_THAT(control("GET", "/proxies/p/connections").body,
              ::testing::HasSubstr("\"silent_for\":[\"blackhole\"]"));
  remove_fault("blackhole");
  EXPECT_TRUE(is_there("up", pair.upstream));
}

}  // namespace
}  // namespace halfopen::test

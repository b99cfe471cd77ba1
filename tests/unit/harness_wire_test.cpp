// A middlebox that is watched from outside, with segments made by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "harness/model/wire/link_follower.hpp"
#include "harness/model/wire/middlebox_account.hpp"

namespace halfopen {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Endpoint kInsideEnd{0x0a420102, 40000};   // 10.66.1.2
constexpr Endpoint kTranslated{0x0a580101, 40000};  // 10.88.1.1
constexpr Endpoint kOutsideEnd{0x0a4d0201, 7000};   // 10.77.2.1
constexpr Endpoint kOtherPort{0x0a580101, 51111};

Instant at(Duration since_start) {
  return Instant::from_nanoseconds(1'000'000'000) + since_start;
}

LinkSpec link() {
  LinkSpec link;
  link.id = "n1-n2";
  link.dialer = link.inside = "n1";
  link.listener = "n2";
  return link;
}

FaultSpec nat(const char* idle = "3s") {
  FaultSpec fault;
  fault.name = fault.type = "nat";
  fault.attributes = {{"idle_timeout", idle}};
  return fault;
}

// Two ends with sequence numbers, and the box between them.
class Wire : public ::testing::Test {
 protected:
  Segment from_inside(Duration when, std::uint8_t flags, std::uint32_t bytes = 0) {
    Segment segment{at(when), kInsideEnd, kOutsideEnd, flags, inside_next_, outside_next_, bytes};
    inside_next_ = segment.end();
    return segment;
  }
  Segment from_outside(Duration when, std::uint8_t flags, std::uint32_t bytes = 0) {
    Segment segment{at(when), kOutsideEnd, translated_, flags, outside_next_, inside_next_, bytes};
    outside_next_ = segment.end();
    return segment;
  }
  void arrive(const Segment& segment) {
    const WireSide side = segment.source == kInsideEnd ? WireSide::kInside : WireSide::kOutside;
    account_.handle_segment(side, Passage::kArrived, segment);
  }
  void leave(Segment segment) {
    const bool goes_out = segment.source == kInsideEnd;
    if (goes_out) {
      segment.source = translated_;
    } else {
      segment.destination = kInsideEnd;
    }
    segment.at = segment.at + std::chrono::microseconds(5);
    account_.handle_segment(goes_out ? WireSide::kOutside : WireSide::kInside, Passage::kLeft,
                            segment);
  }
  void pass(const Segment& segment) {
    arrive(segment);
    leave(segment);
  }
  void connect(Duration when = milliseconds(0)) {
    pass(from_inside(when, kTcpSyn));
    pass(from_outside(when, kTcpSyn | kTcpAck));
    pass(from_inside(when, kTcpAck));
  }
  // A probe: no payload, and the last byte's number again.
  Segment probe_from_inside(Duration when, std::uint32_t bytes = 0) {
    return {at(when), kInsideEnd, kOutsideEnd, kTcpAck, inside_next_ - 1, outside_next_, bytes};
  }
  void table(Duration when, bool is_live = true) {
    account_.handle_table({{kInsideEnd, kOutsideEnd, is_live}}, at(when));
  }
  void empty_table(Duration when) { account_.handle_table({}, at(when)); }

  double value(const std::string& name, const SeriesLabels& wanted = {}) const {
    double sum = -1;
    for (const MiddleboxSample& sample : account_.samples()) {
      const bool fits = std::all_of(wanted.begin(), wanted.end(), [&](const auto& label) {
        const auto found = sample.labels.find(label.first);
        return found != sample.labels.end() && found->second == label.second;
      });
      if (sample.name == name && fits) sum = std::max(sum, 0.0) + sample.value;
    }
    return sum;
  }
  std::vector<std::string> events() {
    std::vector<std::string> names;
    for (const MiddleboxEvent& event : account_.take_events()) {
      std::string name = event.event;
      for (const char* field : {"side", "action", "port", "reason", "last_cause", "idle_ms"}) {
        const auto* value = event.fields.if_contains(field);
        if (value == nullptr) continue;
        name += " " + (value->is_string() ? std::string(value->as_string())
                                          : std::to_string(value->as_int64()));
      }
      names.push_back(name);
    }
    return names;
  }

  std::uint32_t inside_next_ = 1000;
  std::uint32_t outside_next_ = 0xfffffff0;  // wraps soon
  Endpoint translated_ = kTranslated;
  MiddleboxAccount account_{link()};
};

TEST_F(Wire, every_series_is_there_from_the_start) {
  for (const char* name :
       {"fault_proxy_nat_entries", "fault_proxy_nat_expired_total", "fault_proxy_nat_refresh_total",
        "fault_proxy_connections", "fault_proxy_connections_total", "fault_proxy_bytes_total",
        "fault_proxy_segments_dropped_total", "fault_proxy_resets_total",
        "fault_proxy_fault_active", "fault_proxy_fault_failures_total",
        "fault_proxy_nat_sample_interval_seconds"}) {
    EXPECT_EQ(value(name, {{"proxy", "n1-n2"}, {"node", "middlebox"}}), 0) << name;
  }
}

TEST_F(Wire, a_connection_opens_and_closes) {
  connect();
  EXPECT_EQ(value("fault_proxy_connections"), 1);
  EXPECT_EQ(value("fault_proxy_connections_total", {{"outcome", "connected"}}), 1);
  pass(from_inside(seconds(1), kTcpFin | kTcpAck));
  EXPECT_EQ(value("fault_proxy_connections"), 1);
  pass(from_outside(seconds(1), kTcpFin | kTcpAck));
  EXPECT_EQ(value("fault_proxy_connections"), 0);
  EXPECT_THAT(events(), ElementsAre("connection_opened", "connection_closed fin"));
}

TEST_F(Wire, bytes_count_once_however_often_they_are_sent) {
  connect();
  const Segment data = from_inside(seconds(1), kTcpAck | kTcpPush, 100);
  pass(data);
  pass(data);
  pass(from_outside(seconds(1), kTcpAck, 30));  // over the end of the numbers
  EXPECT_EQ(value("fault_proxy_bytes_total", {{"direction", "upstream"}}), 100);
  EXPECT_EQ(value("fault_proxy_bytes_total", {{"direction", "downstream"}}), 30);
}

TEST_F(Wire, what_refreshes_a_mapping_has_its_cause) {
  account_.handle_fault_set(nat(), at(seconds(0)));
  connect();
  const double acks = value("fault_proxy_nat_refresh_total", {{"cause", "ack"}});
  pass(from_inside(seconds(1), kTcpAck | kTcpPush, 10));
  pass(from_outside(seconds(1), kTcpAck));
  pass(probe_from_inside(seconds(2)));
  pass(probe_from_inside(seconds(3), 1));
  EXPECT_EQ(value("fault_proxy_nat_refresh_total", {{"cause", "data"}}), 1);
  EXPECT_EQ(value("fault_proxy_nat_refresh_total", {{"cause", "ack"}}), acks + 1);
  EXPECT_EQ(value("fault_proxy_nat_refresh_total", {{"cause", "keepalive"}}), 2);
}

TEST_F(Wire, without_a_nat_nothing_is_mapped) {
  connect();
  pass(from_inside(seconds(1), kTcpAck, 10));
  table(seconds(2));
  empty_table(seconds(9));
  EXPECT_EQ(value("fault_proxy_nat_refresh_total"), 0);
  EXPECT_EQ(value("fault_proxy_nat_entries"), 0);
  EXPECT_EQ(value("fault_proxy_nat_expired_total"), 0);
}

TEST_F(Wire, an_entry_that_is_gone_has_idled_out) {
  account_.handle_fault_set(nat(), at(seconds(0)));
  connect();
  table(milliseconds(100));
  EXPECT_EQ(value("fault_proxy_nat_entries"), 1);
  empty_table(milliseconds(3100));
  EXPECT_EQ(value("fault_proxy_nat_entries"), 0);
  EXPECT_EQ(value("fault_proxy_nat_expired_total"), 1);
  arrive(from_inside(seconds(5), kTcpAck | kTcpPush, 10));
  empty_table(milliseconds(5200));
  EXPECT_EQ(value("fault_proxy_nat_expired_total"), 1);
  EXPECT_EQ(value("fault_proxy_segments_dropped_total", {{"direction", "upstream"}}), 1);
  EXPECT_THAT(events(), ElementsAre("fault_added", "connection_opened", "nat_expired ack 3000",
                                    "nat_next_packet inside drop"));
}

TEST_F(Wire, a_close_a_reset_and_a_flush_are_no_expiry) {
  account_.handle_fault_set(nat(), at(seconds(0)));
  connect();
  table(milliseconds(100));
  account_.handle_flush(at(milliseconds(150)));
  empty_table(milliseconds(200));
  pass(from_inside(milliseconds(300), kTcpAck, 10));  // picked up again
  table(milliseconds(400));
  pass(from_outside(milliseconds(500), kTcpReset | kTcpAck));
  empty_table(milliseconds(600));
  EXPECT_EQ(value("fault_proxy_nat_expired_total"), 0);
  EXPECT_EQ(value("fault_proxy_resets_total", {{"cause", "relayed"}}), 1);
}

TEST_F(Wire, a_flush_is_told_and_what_follows_it) {
  account_.handle_fault_set(nat(), at(seconds(0)));
  connect();
  table(milliseconds(100));
  account_.handle_flush(at(milliseconds(500)));
  pass(from_inside(milliseconds(900), kTcpAck | kTcpPush, 10));
  table(seconds(1));
  EXPECT_EQ(value("fault_proxy_nat_expired_total"), 0);
  EXPECT_THAT(events(), ElementsAre("fault_added", "connection_opened", "nat_flushed ack 500",
                                    "nat_revived inside same"));
}

TEST_F(Wire, data_that_nobody_answers_has_its_own_timeout) {
  FaultSpec linux_nat = nat("432000s");
  linux_nat.attributes["unacked_timeout"] = "2s";
  account_.handle_fault_set(linux_nat, at(seconds(0)));
  connect();
  arrive(from_inside(seconds(1), kTcpAck | kTcpPush, 10));  // lost beyond the NAT
  table(milliseconds(2900));
  empty_table(milliseconds(3100));
  EXPECT_EQ(value("fault_proxy_nat_expired_total"), 1);
  EXPECT_THAT(events(), ElementsAre("fault_added", "connection_opened", "nat_expired ack 3000"));
}

TEST_F(Wire, a_middlebox_that_resets_the_next_packet) {
  account_.handle_fault_set(nat(), at(seconds(0)));
  connect();
  table(milliseconds(100));
  empty_table(milliseconds(3100));
  arrive(from_inside(seconds(5), kTcpAck | kTcpPush, 10));
  account_.handle_segment(
      WireSide::kInside, Passage::kLeft,
      {at(seconds(5)), kOutsideEnd, kInsideEnd, kTcpReset, outside_next_, 0, 0});
  empty_table(milliseconds(5200));
  EXPECT_EQ(value("fault_proxy_resets_total", {{"cause", "nat_next_packet"}}), 1);
  EXPECT_EQ(value("fault_proxy_segments_dropped_total"), 0);
  // The other end still believes.
  EXPECT_EQ(value("fault_proxy_connections"), 1);
  EXPECT_THAT(events(), ElementsAre("fault_added", "connection_opened", "nat_expired ack 3000",
                                    "nat_next_packet inside rst"));
}

TEST_F(Wire, a_connection_that_is_picked_up_on_a_new_port) {
  account_.handle_fault_set(nat(), at(seconds(0)));
  connect();
  table(milliseconds(100));
  // Nobody looked at the table in between: the packets alone say that it must have run out.
  translated_ = kOtherPort;
  pass(from_inside(seconds(5), kTcpAck | kTcpPush, 10));
  table(milliseconds(5100));
  EXPECT_EQ(value("fault_proxy_nat_expired_total"), 1);
  EXPECT_EQ(value("fault_proxy_nat_entries"), 1);
  EXPECT_THAT(events(), ElementsAre("fault_added", "connection_opened", "nat_expired ack 3000",
                                    "nat_revived inside new"));
}

TEST_F(Wire, the_reset_of_a_machine_that_came_back) {
  connect();
  account_.handle_down("n2", RestartKind::kPowerLoss, at(seconds(1)));
  EXPECT_EQ(value("fault_proxy_fault_active", {{"fault", "peer_restart"}}), 1);
  account_.handle_up("n2", RestartKind::kPowerLoss, at(seconds(2)));
  pass(from_inside(seconds(3), kTcpAck, 10));
  pass(from_outside(seconds(3), kTcpReset));
  EXPECT_EQ(value("fault_proxy_resets_total", {{"cause", "peer_restart"}}), 1);
  EXPECT_EQ(value("fault_proxy_fault_active", {{"fault", "peer_restart"}}), 0);
}

TEST_F(Wire, dials_that_are_refused_and_that_nobody_answers) {
  pass(from_inside(seconds(0), kTcpSyn));
  pass(from_outside(seconds(0), kTcpReset | kTcpAck));
  EXPECT_EQ(value("fault_proxy_connections_total", {{"outcome", "upstream_refused"}}), 1);
  inside_next_ = 77;
  arrive(from_inside(seconds(1), kTcpSyn));
  empty_table(seconds(5));
  EXPECT_EQ(value("fault_proxy_connections_total", {{"outcome", "upstream_timeout"}}), 0);
  empty_table(seconds(12));
  EXPECT_EQ(value("fault_proxy_connections_total", {{"outcome", "upstream_timeout"}}), 1);
  EXPECT_THAT(events(), IsEmpty());
}

TEST_F(Wire, faults_are_active_while_they_are_set) {
  FaultSpec hole;
  hole.name = "cut";
  hole.type = "blackhole";
  account_.handle_fault_set(hole, at(seconds(1)));
  EXPECT_EQ(value("fault_proxy_fault_active", {{"fault", "blackhole"}}), 1);
  account_.handle_fault_cleared("cut", at(seconds(2)));
  EXPECT_EQ(value("fault_proxy_fault_active", {{"fault", "blackhole"}}), 0);
}

}  // namespace
}  // namespace halfopen

#include "proxy/core/fault.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <set>

namespace halfopen {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

Result<FaultConfig> parse(std::string_view type, const char* attributes) {
  return parse_fault(type, boost::json::parse(attributes).as_object(), "attributes");
}

// The error's text, or "no error".
std::string problem_of(std::string_view type, const char* attributes) {
  const auto parsed = parse(type, attributes);
  return parsed.has_error() ? parsed.error().text : "no error";
}

TEST(Faults, EveryRegisteredNameIsItsConfigsType) {
  const char* examples[] = {R"({"idle_timeout": "1s"})", "{}", R"({"kind": "crash"})"};
  std::size_t position = 0;
  std::set<std::string_view> seen;
  for (const std::string_view name : fault_type_names()) {
    const auto parsed = parse(name, examples[position++]);
    ASSERT_TRUE(parsed.has_value()) << parsed.error().text;
    EXPECT_EQ(type_of(*parsed), name);
    EXPECT_TRUE(seen.insert(name).second);
  }
  EXPECT_EQ(position, std::size(examples));
}

TEST(Faults, AnUnknownTypeListsTheKnownOnes) {
  EXPECT_EQ(problem_of("natt", "{}"),
            "type: unknown fault type \"natt\", expected one of nat, blackhole, peer_restart");
}

TEST(NatAttributes, HaveDefaults) {
  const auto parsed = parse("nat", R"({"idle_timeout": "350s"})");
  const auto& config = std::get<NatConfig>(*parsed);
  EXPECT_EQ(config.idle_timeout, seconds(350));
  EXPECT_EQ(config.on_expiry, OnExpiry::kNone);
  EXPECT_EQ(config.on_next_packet_inside, OnNextPacket::kDrop);
  EXPECT_EQ(config.on_next_packet_outside, OnNextPacket::kDrop);
  EXPECT_EQ(config.refresh_by, RefreshBy::kSegments);
  EXPECT_EQ(config.inside, InsideLeg::kClient);
}

TEST(NatAttributes, AreAllRead) {
  const auto parsed = parse("nat", R"({"idle_timeout": "250ms", "on_expiry": "rst_inside",
      "on_next_packet": {"inside": "rst"}, "refresh_by": "bytes", "revive_by": "none",
      "inside": "upstream"})");
  ASSERT_TRUE(parsed.has_value()) << parsed.error().text;
  const auto& config = std::get<NatConfig>(*parsed);
  EXPECT_EQ(config.idle_timeout, milliseconds(250));
  EXPECT_EQ(config.on_expiry, OnExpiry::kRstInside);
  EXPECT_EQ(config.on_next_packet_inside, OnNextPacket::kRst);
  EXPECT_EQ(config.on_next_packet_outside, OnNextPacket::kDrop);
  EXPECT_EQ(config.refresh_by, RefreshBy::kBytes);
  EXPECT_EQ(config.inside, InsideLeg::kUpstream);
  const auto both = parse("nat", R"({"idle_timeout": "1s", "on_next_packet": "rst"})");
  EXPECT_EQ(std::get<NatConfig>(*both).on_next_packet_outside, OnNextPacket::kRst);
}

TEST(NatAttributes, WhatIsWrittenIsReadBack) {
  const auto parsed = parse("nat", R"({"idle_timeout": "1m30s", "on_expiry": "fin_both",
      "on_next_packet": {"inside": "rst", "outside": "drop"}, "refresh_by": "bytes"})");
  const auto written = attributes_of(*parsed);
  const auto again = parse_fault("nat", written, "attributes");
  ASSERT_TRUE(again.has_value()) << again.error().text;
  EXPECT_EQ(attributes_of(*again), written);
}

TEST(NatAttributes, BadOnesSayWhereAndWhatWasExpected) {
  EXPECT_EQ(problem_of("nat", "{}"),
            "attributes.idle_timeout: missing, expected a duration such as \"3s\"");
  EXPECT_EQ(problem_of("nat", R"({"idle_timeout": 30})"),
            "attributes.idle_timeout: expected a duration with its unit in quotes, such as \"3s\" "
            "or \"250ms\", got 30");
  EXPECT_THAT(problem_of("nat", R"({"idle_timeout": "30"})"), HasSubstr("got \"30\""));
  EXPECT_EQ(problem_of("nat", R"({"idle_timeout": "0s"})"),
            "attributes.idle_timeout: expected a duration above zero, got \"0s\"");
  EXPECT_EQ(problem_of("nat", R"({"idle_timeout": "1s", "on_expiry": "rst"})"),
            "attributes.on_expiry: expected one of none, rst_both, rst_inside, fin_both, got "
            "\"rst\"");
  EXPECT_EQ(problem_of("nat", R"({"idle_timeout": "1s", "on_next_packet": {"inside": 1}})"),
            "attributes.on_next_packet.inside: expected one of drop, rst, got 1");
  EXPECT_EQ(problem_of("nat", R"({"idle_timeout": "1s", "on_next_packet": {"in": "rst"}})"),
            "attributes.on_next_packet.in: unknown attribute, expected inside, outside");
  EXPECT_EQ(problem_of("nat", R"({"idle_timeout": "1s", "on_next_packet": ["rst"]})"),
            "attributes.on_next_packet: expected one of drop, rst, got [\"rst\"]");
  EXPECT_THAT(problem_of("nat", R"({"idle_timeout": "1s", "timeout": "1s"})"),
              HasSubstr("attributes.timeout: unknown attribute, expected idle_timeout,"));
  EXPECT_EQ(problem_of("nat", R"({"idle_timeout": "1s", "revive_by": "any"})"),
            "attributes.revive_by: expected none, got \"any\"");
}

TEST(BlackholeAttributes, AreNone) {
  EXPECT_TRUE(parse("blackhole", "{}").has_value());
  EXPECT_EQ(problem_of("blackhole", R"({"direction": "both"})"),
            "attributes.direction: unknown attribute, expected none");
}

TEST(PeerRestartAttributes, AreRead) {
  const auto parsed = parse("peer_restart", R"({"kind": "power_loss", "down_time": "2s"})");
  const auto& config = std::get<PeerRestartConfig>(*parsed);
  EXPECT_EQ(config.kind, RestartKind::kPowerLoss);
  EXPECT_EQ(config.down_time, seconds(2));
  EXPECT_EQ(
      std::get<PeerRestartConfig>(*parse("peer_restart", R"({"kind": "graceful"})")).down_time,
      Duration{0});
}

TEST(PeerRestartAttributes, BadOnesSayWhereAndWhatWasExpected) {
  EXPECT_EQ(problem_of("peer_restart", "{}"),
            "attributes.kind: missing, expected one of graceful, crash, power_loss");
  EXPECT_EQ(problem_of("peer_restart", R"({"kind": "reboot"})"),
            "attributes.kind: expected one of graceful, crash, power_loss, got \"reboot\"");
  EXPECT_THAT(problem_of("peer_restart", R"({"kind": "crash", "down_time": 2})"),
              HasSubstr("attributes.down_time: expected a duration"));
}

TEST(AbilityNeeds, OnlyWhatAFaultUses) {
  const auto needs = [](const char* type, const char* attributes) {
    const AbilityNeeds found = needs_of(*parse(type, attributes));
    return std::tuple{found.filter, found.repair, found.egress_drop};
  };
  EXPECT_EQ(needs("nat", R"({"idle_timeout": "1s"})"), (std::tuple{true, true, true}));
  EXPECT_EQ(needs("nat", R"({"idle_timeout": "1s", "on_next_packet": "rst"})"),
            (std::tuple{false, true, false}));
  EXPECT_EQ(needs("nat", R"({"idle_timeout": "1s", "on_expiry": "fin_both"})"),
            (std::tuple{false, false, false}));
  EXPECT_EQ(needs("blackhole", "{}"), (std::tuple{true, true, true}));
  EXPECT_EQ(needs("peer_restart", R"({"kind": "crash"})"), (std::tuple{false, false, false}));
  EXPECT_EQ(needs("peer_restart", R"({"kind": "power_loss"})"), (std::tuple{true, true, true}));
}

}  // namespace
}  // namespace halfopen

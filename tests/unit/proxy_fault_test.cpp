#include "proxy/core/fault.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <map>
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
  const std::map<std::string_view, const char*> needed{{"nat", R"({"idle_timeout": "1s"})"},
                                                       {"peer_restart", R"({"kind": "crash"})"},
                                                       {"flap", R"({"up": "3s", "down": "1s"})"},
                                                       {"slicer", R"({"average_size": 1})"},
                                                       {"corrupt", R"({"at_offset": 0})"}};
  std::set<std::string_view> seen;
  for (const std::string_view name : fault_type_names()) {
    const auto example = needed.find(name);
    const auto parsed = parse(name, example == needed.end() ? "{}" : example->second);
    ASSERT_TRUE(parsed.has_value()) << parsed.error().text;
    EXPECT_EQ(type_of(*parsed), name);
    EXPECT_TRUE(seen.insert(name).second);
  }
  EXPECT_EQ(seen.size(), fault_type_names().size());
}

TEST(Faults, AnUnknownTypeListsTheKnownOnes) {
  EXPECT_EQ(
      problem_of("natt", "{}"),
      "type: unknown fault type \"natt\", did you mean \"nat\"? expected one of nat, blackhole, "
      "peer_restart, "
      "syn_drop, refuse, accept_then_silence, reset_on_next, half_close, asymmetric, flap, "
      "latency, bandwidth, slow_close, timeout, reset_peer, slicer, limit_data, noop, corrupt");
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
  EXPECT_EQ(problem_of("nat", R"({"idle_timeout": "-1s"})"),
            "attributes.idle_timeout: expected a duration from zero on, got \"-1s\"");
  EXPECT_EQ(problem_of("nat", R"({"idle_timeout": "0s"})"),
            "attributes.idle_timeout: expected a duration above zero, got \"0s\"");
  EXPECT_EQ(problem_of("nat", R"({"idle_timeout": "1s", "on_expiry": "rst"})"),
            "attributes.on_expiry: expected one of none, rst_both, rst_inside, fin_both, got "
            "\"rst\"");
  EXPECT_EQ(problem_of("nat", R"({"idle_timeout": "1s", "on_next_packet": {"inside": 1}})"),
            "attributes.on_next_packet.inside: expected one of drop, rst, repick_same_port, "
            "repick_new_port, got 1");
  EXPECT_EQ(problem_of("nat", R"({"idle_timeout": "1s", "on_next_packet": {"in": "rst"}})"),
            "attributes.on_next_packet.in: unknown attribute, expected inside, outside");
  EXPECT_EQ(problem_of("nat", R"({"idle_timeout": "1s", "on_next_packet": ["rst"]})"),
            "attributes.on_next_packet: expected one of drop, rst, repick_same_port, "
            "repick_new_port, got [\"rst\"]");
  EXPECT_THAT(problem_of("nat", R"({"idle_timeout": "1s", "timeout": "1s"})"),
              HasSubstr("attributes.timeout: unknown attribute, expected profile, idle_timeout,"));
  EXPECT_EQ(problem_of("nat", R"({"idle_timeout": "1s", "revive_by": "outside"})"),
            "attributes.revive_by: expected one of none, inside, any, got \"outside\"");
}

TEST(NatAttributes, OneWordForBothSidesPicksUpOnlyTheInside) {
  for (const auto& [word, action] : {std::pair{"repick_same_port", OnNextPacket::kRepickSamePort},
                                     std::pair{"repick_new_port", OnNextPacket::kRepickNewPort}}) {
    const std::string text =
        std::string(R"({"idle_timeout": "1s", "on_next_packet": ")") + word + "\"}";
    const auto config = std::get<NatConfig>(*parse("nat", text.c_str()));
    EXPECT_EQ(config.on_next_packet_inside, action);
    EXPECT_EQ(config.on_next_packet_outside, OnNextPacket::kDrop);
  }
}

TEST(NatAttributes, RevivalIsAnotherWordForThePickUp) {
  const auto revive_by = [](const char* attributes) {
    const auto parsed = parse("nat", attributes);
    EXPECT_TRUE(parsed.has_value()) << parsed.error().text;
    const auto& config = std::get<NatConfig>(*parsed);
    EXPECT_EQ(config.on_next_packet_inside, OnNextPacket::kRepickSamePort);
    EXPECT_EQ(attributes_of(std::get<NatConfig>(*parse_fault("nat", attributes_of(*parsed), ""))),
              attributes_of(*parsed));
    return config.revive_by;
  };
  EXPECT_EQ(revive_by(R"({"idle_timeout": "1s", "on_next_packet": "repick_same_port"})"),
            ReviveBy::kInside);
  EXPECT_EQ(revive_by(R"({"idle_timeout": "1s", "revive_by": "inside"})"), ReviveBy::kInside);
  EXPECT_EQ(revive_by(R"({"idle_timeout": "1s", "revive_by": "any"})"), ReviveBy::kAny);
  EXPECT_EQ(revive_by(R"({"idle_timeout": "1s", "revive_by": "inside",
                          "on_next_packet": {"inside": "repick_same_port", "outside": "rst"}})"),
            ReviveBy::kInside);
}

TEST(NatAttributes, WhatContradictsIsRefused) {
  EXPECT_EQ(problem_of("nat", R"({"idle_timeout": "1s", "revive_by": "inside",
                                  "on_next_packet": "rst"})"),
            "attributes.revive_by: inside needs on_next_packet.inside: repick_same_port, got rst");
  EXPECT_EQ(problem_of("nat", R"({"idle_timeout": "1s", "revive_by": "none",
                                  "on_next_packet": "repick_same_port"})"),
            "attributes.revive_by: none contradicts on_next_packet.inside: repick_same_port");
  EXPECT_EQ(problem_of("nat", R"({"idle_timeout": "1s", "revive_by": "any", "on_next_packet":
                                  {"inside": "repick_same_port", "outside": "rst"}})"),
            "attributes.revive_by: any contradicts on_next_packet.outside: rst");
  EXPECT_THAT(problem_of("nat", R"({"idle_timeout": "1s", "revive_by": "inside",
                                    "on_expiry": "rst_inside"})"),
              HasSubstr("attributes.on_expiry: rst_inside ends the inside's connection"));
  EXPECT_EQ(problem_of("nat", R"({"idle_timeout": "1s",
                                  "on_next_packet": {"outside": "repick_same_port"}})"),
            "attributes.on_next_packet.outside: expected one of drop, rst, got "
            "\"repick_same_port\"");
}

TEST(NatAttributes, UnackedTimeoutIsAtMostTheIdleTimeout) {
  const auto parsed = parse("nat", R"({"idle_timeout": "9s", "unacked_timeout": "9s"})");
  EXPECT_EQ(std::get<NatConfig>(*parsed).unacked_timeout, seconds(9));
  EXPECT_EQ(attributes_of(*parsed).at("unacked_timeout"), "9s");
  EXPECT_FALSE(
      attributes_of(*parse("nat", R"({"idle_timeout": "9s"})")).contains("unacked_timeout"));
  EXPECT_EQ(problem_of("nat", R"({"idle_timeout": "9s", "unacked_timeout": "10s"})"),
            "attributes.unacked_timeout: 10s is longer than idle_timeout, 9s");
  EXPECT_THAT(problem_of("nat", R"({"idle_timeout": "9s", "unacked_timeout": "0s"})"),
              HasSubstr("attributes.unacked_timeout: expected a duration above zero"));
  EXPECT_THAT(problem_of("nat", R"({"idle_timeout": "9s", "unacked_timeout": "1s",
                                    "refresh_by": "bytes"})"),
              HasSubstr("attributes.unacked_timeout: needs refresh_by: segments"));
}

TEST(BlackholeAttributes, NameTheCable) {
  const auto at = [](const char* attributes) {
    return std::get<BlackholeConfig>(*parse("blackhole", attributes)).at;
  };
  EXPECT_EQ(at("{}"), Cut::kBoth);
  EXPECT_EQ(at(R"({"at": "both"})"), Cut::kBoth);
  EXPECT_EQ(at(R"({"at": "inside"})"), Cut::kInside);
  EXPECT_EQ(at(R"({"at": "outside"})"), Cut::kOutside);
  EXPECT_EQ(attributes_of(*parse("blackhole", R"({"at": "outside"})")).at("at"), "outside");
  EXPECT_EQ(problem_of("blackhole", R"({"at": "client"})"),
            "attributes.at: expected one of both, inside, outside, got \"client\"");
  EXPECT_EQ(problem_of("blackhole", R"({"side": "both"})"),
            "attributes.side: unknown attribute, expected at, direction");
}

TEST(SynDropAttributes, AreNone) {
  EXPECT_TRUE(parse("syn_drop", "{}").has_value());
  EXPECT_EQ(problem_of("syn_drop", R"({"at": "both"})"),
            "attributes.at: unknown attribute, expected none");
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
  EXPECT_EQ(problem_of("peer_restart", R"({"knd": "crash"})"),
            "attributes.knd: unknown attribute, did you mean \"kind\"? expected kind, down_time");
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
  EXPECT_EQ(needs("nat", R"({"idle_timeout": "1s", "revive_by": "any"})"),
            (std::tuple{true, true, true}));
  EXPECT_EQ(needs("nat", R"({"idle_timeout": "1s", "on_next_packet":
                             {"inside": "repick_new_port", "outside": "rst"}})"),
            (std::tuple{false, true, false}));
  EXPECT_EQ(needs("syn_drop", "{}"), (std::tuple{true, false, true}));
  EXPECT_EQ(needs("blackhole", "{}"), (std::tuple{true, true, true}));
  EXPECT_EQ(needs("peer_restart", R"({"kind": "crash"})"), (std::tuple{false, false, false}));
  EXPECT_EQ(needs("peer_restart", R"({"kind": "power_loss"})"), (std::tuple{true, true, true}));
}

}  // namespace
}  // namespace halfopen

// NAT profiles: the built-in ones are well formed, and a scenario's own attributes win.
#include "profiles/profiles.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "harness_model_fixture.hpp"

namespace halfopen {
namespace {

TEST(Profiles, EachBuiltInOneHasATimeoutASourceAndTheMonthInWhichThatWasRead) {
  ASSERT_FALSE(profiles().empty());
  std::set<std::string> names;
  for (const Profile& profile : profiles()) {
    EXPECT_TRUE(names.insert(profile.name).second) << profile.name << " is there twice";
    EXPECT_FALSE(profile.title.empty()) << profile.name;
    EXPECT_TRUE(profile.is_hearsay || profile.source.find("https://") != std::string::npos)
        << profile.name << " is confirmed where nobody can read it";
    EXPECT_THAT(profile.date, testing::MatchesRegex("20[0-9][0-9]-[01][0-9]")) << profile.name;
    EXPECT_TRUE(profile.nat.contains("idle_timeout")) << profile.name;
  }
}

TEST(Profiles, TheOnesThatPeopleAskForAreThere) {
  for (const auto& [name, timeout, behaviour] :
       {std::tuple{"aws-nat-gateway", "350s",
                   "next packet from inside reset, from outside dropped"},
        std::tuple{"aws-nlb", "350s", "resets whoever sends next"},
        std::tuple{"aws-alb", "60s", "counts bytes; closes both sides at expiry"},
        std::tuple{"aws-security-group-nitro-v6", "350s", "silent"},
        std::tuple{"azure-load-balancer", "240s", "silent"},
        std::tuple{"azure-load-balancer-tcp-reset", "240s", "resets both sides at expiry"},
        std::tuple{"azure-nat-gateway", "240s", "resets whoever sends next"},
        std::tuple{"gcp-vpc-firewall", "600s",
                   "next packet from inside picked up again, from outside dropped"},
        std::tuple{"kubernetes-ipvs-remote", "900s", "silent"}}) {
    const auto found = find_profile(name);
    ASSERT_TRUE(found.has_value()) << found.error().text;
    EXPECT_EQ((*found)->nat.at("idle_timeout").as_string(), timeout) << name;
    EXPECT_EQ(behaviour_text((*found)->nat), behaviour) << name;
    EXPECT_FALSE((*found)->is_hearsay) << name;
  }
}

TEST(Profiles, ANameThatIsNotThereIsAnsweredWithTheNearest) {
  const auto misspelt = find_profile("aws-nbl");
  ASSERT_TRUE(misspelt.has_error());
  EXPECT_THAT(misspelt.error().text, testing::HasSubstr("did you mean \"aws-nlb\"?"));
  const auto part = find_profile("cisco");
  ASSERT_TRUE(part.has_error());
  EXPECT_THAT(part.error().text, testing::HasSubstr("cisco-asa, cisco-asa-reset?"));
}

TEST(Profiles, WhatWouldContradictOnesOwnAttributesGivesWay) {
  const Profile picks_up{.name = "p",
                         .nat = {{"idle_timeout", "1h"},
                                 {"unacked_timeout", "5m"},
                                 {"on_next_packet", {{"inside", "repick_same_port"}}}}};
  const auto closed = with_profile(picks_up, {{"on_expiry", "fin_both"}, {"refresh_by", "bytes"}});
  EXPECT_EQ(closed,
            (boost::json::object{
                {"idle_timeout", "1h"}, {"on_expiry", "fin_both"}, {"refresh_by", "bytes"}}));
  const Profile resets{.name = "p", .nat = {{"idle_timeout", "1h"}, {"on_next_packet", "rst"}}};
  const auto revived = with_profile(resets, {{"revive_by", "any"}});
  EXPECT_EQ(revived, (boost::json::object{{"idle_timeout", "1h"}, {"revive_by", "any"}}));
  const Profile speaks{.name = "p", .nat = {{"idle_timeout", "1h"}, {"on_expiry", "rst_both"}}};
  const auto silent = with_profile(speaks, {{"on_next_packet", "repick_same_port"}});
  EXPECT_EQ(silent,
            (boost::json::object{{"idle_timeout", "1h"}, {"on_next_packet", "repick_same_port"}}));
}

TEST(Profiles, OwnAttributesArePutOverTheProfiles) {
  const Profile profile{.name = "p",
                        .nat = {{"idle_timeout", "432000s"}, {"unacked_timeout", "300s"}}};
  const auto scaled = with_profile(profile, {{"idle_timeout", "3s"}});
  EXPECT_EQ(scaled.at("idle_timeout").as_string(), "3s");
  EXPECT_FALSE(scaled.contains("unacked_timeout")) << "it would be longer than the idle timeout";
  const auto both = with_profile(profile, {{"idle_timeout", "1h"}, {"unacked_timeout", "2s"}});
  EXPECT_EQ(both.at("unacked_timeout").as_string(), "2s");
  const auto untouched = with_profile(profile, {});
  EXPECT_EQ(untouched.at("unacked_timeout").as_string(), "300s");
}

TEST(Profiles, AScenarioNamesOneAndAMisspeltNameIsSaidWithItsPlace) {
  const auto plan_with = [](const std::string& nat) {
    std::string text = test::kPlainScenario;
    const std::string old = R"({nat: {idle_timeout: "${nat}", on_next_packet: drop}})";
    text.replace(text.find(old), old.size(), nat);
    const auto document = parse_yaml(text, "s.yaml");
    return plan_scenario(*document, {});
  };
  const auto good = plan_with("{nat: {profile: linux-loose-off, idle_timeout: \"${nat}\"}}");
  ASSERT_TRUE(good.has_value()) << good.error().text;
  const FaultSpec& fault = good->runs.front().scenario.links.front().faults.front();
  EXPECT_EQ(fault.attributes.at("on_next_packet").at("inside").as_string(), "drop");
  EXPECT_EQ(fault.attributes.at("idle_timeout").as_string(), "3s");
  EXPECT_FALSE(fault.attributes.contains("profile"));
  const auto bad = plan_with("{nat: {profile: linux-losse-off, idle_timeout: \"${nat}\"}}");
  ASSERT_TRUE(bad.has_error());
  EXPECT_THAT(bad.error().text, testing::HasSubstr("s.yaml:15:"));
  EXPECT_THAT(bad.error().text, testing::HasSubstr("linux-loose-off"));
}

TEST(Profiles, AFileOfProfilesIsReadStrictly) {
  EXPECT_TRUE(
      parse_profiles("p: {title: t, source: s, date: d, status: maybe, nat: {}}", "f").has_error());
  EXPECT_TRUE(
      parse_profiles("p: {title: t, source: s, date: d, status: hearsay}", "f").has_error());
  const auto good =
      parse_profiles("p: {title: t, source: s, date: '1', status: hearsay, nat: {}}", "f");
  ASSERT_TRUE(good.has_value());
  EXPECT_TRUE(good->front().is_hearsay);
}

}  // namespace
}  // namespace halfopen

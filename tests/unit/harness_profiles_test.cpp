// NAT profiles: the built-in ones are well formed, and a scenario's own attributes win.
#include "harness/model/profiles.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness_model_fixture.hpp"

namespace halfopen {
namespace {

TEST(Profiles, EachBuiltInOneHasASourceAndAnIdleTimeout) {
  ASSERT_FALSE(profiles().empty());
  for (const Profile& profile : profiles()) {
    EXPECT_FALSE(profile.title.empty()) << profile.name;
    EXPECT_FALSE(profile.source.empty()) << profile.name;
    EXPECT_FALSE(profile.date.empty()) << profile.name;
    EXPECT_TRUE(profile.nat.contains("idle_timeout")) << profile.name;
  }
}

TEST(Profiles, OwnAttributesArePutOverTheProfiles) {
  const Profile profile{"p", "t",   "s",
                        "d", false, {{"idle_timeout", "432000s"}, {"unacked_timeout", "300s"}}};
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

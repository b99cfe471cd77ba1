// A nat that names a profile: the vendor's values, one's own over them, and what is answered.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "profiles/profiles.hpp"
#include "proxy/shell/fault_profile.hpp"
#include "proxy/shell/profile_list.hpp"

namespace halfopen {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

Result<FaultConfig> read(const char* attributes) {
  return read_fault_config("nat", boost::json::parse(attributes).as_object(), "attributes");
}

TEST(FaultProfile, EveryBuiltInOneIsANat) {
  for (const Profile& profile : profiles()) {
    const auto config = read_fault_config("nat", {{"profile", profile.name}}, "attributes");
    ASSERT_TRUE(config.has_value()) << profile.name << ": " << config.error().text;
    const auto written = attributes_of(*config);
    EXPECT_EQ(written.at("profile").as_string(), profile.name);
    // What is answered can be asked for.
    const auto again = read_fault_config("nat", written, "attributes");
    ASSERT_TRUE(again.has_value()) << profile.name << ": " << again.error().text;
    EXPECT_EQ(attributes_of(*again), written);
    EXPECT_EQ(warning_of(*config).empty(), !profile.is_hearsay) << profile.name;
  }
}

TEST(FaultProfile, OnesOwnAttributesWin) {
  const auto parsed = read(R"({"profile": "aws-nlb", "idle_timeout": "3s"})");
  ASSERT_TRUE(parsed.has_value()) << parsed.error().text;
  const auto& nat = std::get<NatConfig>(*parsed);
  EXPECT_EQ(nat.idle_timeout, seconds(3));
  EXPECT_EQ(nat.on_next_packet_outside, OnNextPacket::kRst);
  EXPECT_EQ(*nat.profile, "aws-nlb");
}

TEST(FaultProfile, AnUnknownOneIsAnsweredWithTheNearest) {
  const auto misspelt = read(R"({"profile": "aws-nbl"})");
  ASSERT_TRUE(misspelt.has_error());
  EXPECT_THAT(misspelt.error().text, HasSubstr("attributes.profile: no profile is called"));
  EXPECT_THAT(misspelt.error().text, HasSubstr("did you mean \"aws-nlb\"?"));
  const auto wrong = read(R"({"profile": 3})");
  ASSERT_TRUE(wrong.has_error());
  EXPECT_EQ(wrong.error().text, "attributes.profile: expected a name, got 3");
}

TEST(FaultProfile, AChangeKeepsWhatItDoesNotName) {
  const auto present =
      read(R"({"profile": "aws-nlb", "idle_timeout": "3s", "inside": "upstream"})");
  const auto longer = read_changed_config(*present, {{"idle_timeout", "5s"}}, "attributes");
  ASSERT_TRUE(longer.has_value()) << longer.error().text;
  EXPECT_EQ(std::get<NatConfig>(*longer).idle_timeout, seconds(5));
  EXPECT_EQ(std::get<NatConfig>(*longer).on_next_packet_inside, OnNextPacket::kRst);
  const auto another = read_changed_config(*present, {{"profile", "nginx-stream"}}, "attributes");
  ASSERT_TRUE(another.has_value()) << another.error().text;
  const auto& nat = std::get<NatConfig>(*another);
  EXPECT_EQ(nat.idle_timeout, seconds(600));
  EXPECT_EQ(nat.refresh_by, RefreshBy::kBytes);
  EXPECT_EQ(nat.on_expiry, OnExpiry::kFinBoth);
  EXPECT_EQ(nat.inside, InsideLeg::kUpstream) << "where it stands is not the vendor's business";
}

TEST(FaultProfile, HearsayWarns) {
  const auto hearsay = read(R"({"profile": "gcp-cloud-nat"})");
  ASSERT_TRUE(hearsay.has_value());
  EXPECT_THAT(warning_of(*hearsay), HasSubstr("gcp-cloud-nat is hearsay"));
}

TEST(ProfileList, HasOneEntryAProfileWithItsSource) {
  const auto list = profiles_json();
  ASSERT_EQ(list.size(), profiles().size());
  const auto nlb = std::find_if(list.begin(), list.end(),
                                [](const auto& entry) { return entry.at("name") == "aws-nlb"; });
  ASSERT_NE(nlb, list.end());
  EXPECT_EQ(nlb->at("idle_timeout"), "350s");
  EXPECT_EQ(nlb->at("behaviour"), "resets whoever sends next");
  EXPECT_EQ(nlb->at("status"), "confirmed");
  EXPECT_EQ(nlb->at("date"), "2025-11");
}

}  // namespace
}  // namespace halfopen

// What callers may say to the admin API.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "node/shell/admin_api.hpp"

namespace halfopen::node {
namespace {

using ::testing::HasSubstr;

TEST(NodeApi, ACastRequestIsRead) {
  const auto request = parse_cast_request(R"({"height": 3, "round": 2, "kind": "prevote",
      "choice": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"})");
  ASSERT_TRUE(request.has_value()) << request.error().text;
  EXPECT_EQ(request->height, 3U);
  EXPECT_EQ(request->round, 2U);
  EXPECT_EQ(request->kind, VoteKind::kPrevote);
  EXPECT_EQ(request->choice->hex(), std::string(64, 'a'));
}

TEST(NodeApi, EverythingHasADefault) {
  for (const char* body : {"", "{}", R"({"choice": null})"}) {
    const auto request = parse_cast_request(body);
    ASSERT_TRUE(request.has_value()) << body;
    EXPECT_FALSE(request->height);
    EXPECT_EQ(request->kind, VoteKind::kPrecommit);
    EXPECT_FALSE(request->choice);
  }
}

TEST(NodeApi, WrongRequestsAreExplained) {
  const std::vector<std::pair<std::string, std::string>> wrong{
      {"[]", "must be a JSON object"},
      {"{", "must be a JSON object"},
      {R"({"height": -1})", "\"height\" must be a whole number"},
      {R"({"height": 9223372036854775807})", "\"height\" must be a whole number"},
      {R"({"height": "1"})", "\"height\" must be a whole number"},
      {R"({"round": 4294967296})", "\"round\" must be a whole number"},
      {R"({"kind": "vote"})", "\"kind\" must be"},
      {R"({"choice": "ab"})", "\"choice\" must be 64"},
      {R"({"choice": 1})", "\"choice\" must be 64"},
      {R"({"hight": 1})", "unknown key \"hight\""},
  };
  for (const auto& [body, expected] : wrong) {
    const auto request = parse_cast_request(body);
    ASSERT_TRUE(request.has_error()) << body;
    EXPECT_THAT(request.error().text, HasSubstr(expected)) << body;
  }
}

}  // namespace
}  // namespace halfopen::node

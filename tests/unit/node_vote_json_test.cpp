// A vote as JSON: whatever a peer can make this node decode, its store can write and read again.
#include "node/shell/vote_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <limits>

#include "node/core/limits.hpp"
#include "node/core/message.hpp"

namespace halfopen::node {
namespace {

using ::testing::HasSubstr;

Result<Vote> read_back(const Vote& vote) {
  const std::string line = boost::json::serialize(to_json(vote, id_of(vote)));
  return vote_from_json(boost::json::parse(line).as_object());
}

// The vote that a receiver of this one would store.
Vote over_the_wire(const Vote& vote) {
  const SharedFrame frame = encode_frame(VoteMessage{vote});
  return std::get<VoteMessage>(*decode_body(std::span(*frame).subspan(kFrameHeaderBytes))).vote;
}

// Numbers with their extremes among them: a bound that is off by a sign is off there.
template <class Number>
rc::Gen<Number> any_number() {
  return rc::gen::oneOf(rc::gen::arbitrary<Number>(),
                        rc::gen::element(std::numeric_limits<Number>::min(), Number{0},
                                         std::numeric_limits<Number>::max()));
}

rc::Gen<std::string> any_name() {
  const auto character = rc::gen::elementOf(
      std::string("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."));
  return rc::gen::mapcat(rc::gen::inRange<std::size_t>(1, kNameBytesMax + 1), [=](auto size) {
    return rc::gen::container<std::string>(size, character);
  });
}

Vote any_vote() {
  Vote vote{.network = *any_name(),
            .height = *any_number<std::uint64_t>(),
            .round = *any_number<std::uint32_t>(),
            .kind = *rc::gen::element(VoteKind::kPrevote, VoteKind::kPrecommit),
            .voter = *any_name(),
            .time_milliseconds = *any_number<std::int64_t>()};
  if (*rc::gen::arbitrary<bool>()) {
    vote.choice =
        Choice::from_raw(*rc::gen::container<std::string>(32, rc::gen::character<char>()));
  }
  return vote;
}

RC_GTEST_PROP(NodeVoteJson, WhateverDecodesIsReadBack, ()) {
  const Vote vote = any_vote();
  const Vote received = over_the_wire(vote);
  RC_ASSERT(received == vote);
  const auto read = read_back(received);
  RC_ASSERT(read.has_value());
  RC_ASSERT(*read == vote);
}

// The two ends of each number, whatever the property happens to draw.
TEST(NodeVoteJson, TheExtremesOfEveryNumberAreReadBack) {
  const auto check = [](const Vote& vote) {
    const auto read = read_back(over_the_wire(vote));
    ASSERT_TRUE(read.has_value()) << read.error().text;
    EXPECT_EQ(*read, vote);
  };
  check({.network = "lab",
         .height = std::numeric_limits<std::uint64_t>::max(),
         .round = std::numeric_limits<std::uint32_t>::max(),
         .voter = "n1",
         .time_milliseconds = std::numeric_limits<std::int64_t>::max()});
  check({.network = "lab",
         .voter = "n1",
         .time_milliseconds = std::numeric_limits<std::int64_t>::min()});
}

TEST(NodeVoteJson, NumbersThatDoNotFitTheirFieldsAreRefused) {
  const Vote vote{.network = "lab", .voter = "n1"};
  const std::vector<std::tuple<std::string, std::string, std::string>> wrong{
      {"height", "-1", "from 0 to 18446744073709551615"},
      {"height", "18446744073709551616", "\"height\" must be a whole number"},
      {"round", "4294967296", "from 0 to 4294967295"},
      {"time_ms", "9223372036854775808", "from -9223372036854775808 to 9223372036854775807"},
      {"time_ms", "0.5", "\"time_ms\" must be a whole number"},
  };
  for (const auto& [key, number, expected] : wrong) {
    auto json = to_json(vote, id_of(vote));
    json[key] = boost::json::parse(number);
    const auto read = vote_from_json(json);
    ASSERT_TRUE(read.has_error()) << key << " " << number;
    EXPECT_THAT(read.error().text, HasSubstr(expected));
  }
}

}  // namespace
}  // namespace halfopen::node

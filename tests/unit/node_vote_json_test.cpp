// A vote as JSON: what a reader of the admin API or of the events finds in it.
#include "node/shell/vote_json.hpp"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>
#include <limits>

#include "tests/unit/node_keys.hpp"

namespace halfopen::node {
namespace {

TEST(NodeVoteJson, EveryFieldIsThere) {
  const SignedVote vote = test::vote_by("n1", {.height = 7,
                                               .round = 2,
                                               .kind = VoteKind::kPrevote,
                                               .choice = Choice::from_hex(std::string(64, 'a')),
                                               .time_milliseconds = 5});
  const VoteId id = id_of(vote.vote);
  const auto json = to_json(vote, id);
  EXPECT_EQ(json.at("id").as_string(), id.hex());
  EXPECT_EQ(json.at("network").as_string(), "lab");
  EXPECT_EQ(json.at("height").as_uint64(), 7U);
  EXPECT_EQ(json.at("round").to_number<int>(), 2);
  EXPECT_EQ(json.at("kind").as_string(), "prevote");
  EXPECT_EQ(json.at("choice").as_string(), std::string(64, 'a'));
  EXPECT_EQ(json.at("voter").as_string(), test::test_key("n1").public_key().hex());
  EXPECT_EQ(json.at("time_ms").as_int64(), 5);
  EXPECT_EQ(json.at("signature").as_string(), format_hex(vote.signature));
  EXPECT_EQ(json.size(), 9U) << "a new field needs a line above";
}

TEST(NodeVoteJson, NilIsNullAndNumbersKeepTheirExtremes) {
  const Vote vote{.network = "lab",
                  .height = std::numeric_limits<std::uint64_t>::max(),
                  .round = std::numeric_limits<std::uint32_t>::max(),
                  .time_milliseconds = std::numeric_limits<std::int64_t>::min()};
  const std::string text = boost::json::serialize(to_json(vote, id_of(vote)));
  for (const std::string part : {R"("choice":null)", R"("height":18446744073709551615)",
                                 R"("round":4294967295)", R"("time_ms":-9223372036854775808)"}) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace halfopen::node

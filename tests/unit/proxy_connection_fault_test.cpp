// The attributes of the connection faults: defaults, every word, and refusals that say what was
// expected.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "proxy/core/fault.hpp"

namespace halfopen {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Result<FaultConfig> parse(std::string_view type, const char* attributes) {
  return parse_fault(type, boost::json::parse(attributes).as_object(), "attributes");
}

std::string problem_of(std::string_view type, const char* attributes) {
  const auto parsed = parse(type, attributes);
  return parsed.has_error() ? parsed.error().text : "no error";
}

struct Example {
  const char* type;
  const char* given;
  const char* written;  // as an object: the order of keys is free
};

class ConnectionFaultTest : public testing::TestWithParam<Example> {};

TEST_P(ConnectionFaultTest, IsWrittenWithAllItsAttributesAndReadAgain) {
  const Example& example = GetParam();
  const auto parsed = parse(example.type, example.given);
  ASSERT_TRUE(parsed.has_value()) << parsed.error().text;
  EXPECT_EQ(type_of(*parsed), example.type);
  const auto written = attributes_of(*parsed);
  EXPECT_EQ(boost::json::value(written), boost::json::parse(example.written));
  const auto again = parse_fault(example.type, written, "attributes");
  ASSERT_TRUE(again.has_value()) << again.error().text;
  EXPECT_EQ(attributes_of(*again), written);
}

INSTANTIATE_TEST_SUITE_P(
    Examples, ConnectionFaultTest,
    testing::Values(
        Example{"blackhole", "{}", R"({"at": "both", "direction": "both"})"},
        Example{"blackhole", R"({"direction": "upstream"})",
                R"({"at": "both", "direction": "upstream"})"},
        Example{"refuse", "{}", "{}"}, Example{"accept_then_silence", "{}", R"({"acks": true})"},
        Example{"accept_then_silence", R"({"acks": false})", R"({"acks": false})"},
        Example{"reset_on_next", "{}", R"({"side": "both", "new_connections": false})"},
        Example{"reset_on_next", R"({"side": "upstream", "new_connections": true})",
                R"({"side": "upstream", "new_connections": true})"},
        Example{"half_close", "{}",
                R"({"side": "client", "after": "0s", "new_connections": false})"},
        Example{"half_close", R"({"side": "upstream", "after": "250ms"})",
                R"({"side": "upstream", "after": "250ms", "new_connections": false})"},
        Example{"asymmetric", "{}",
                R"({"forget": "client", "how": "silent", "then": "drop", "after": "0s",
                    "new_connections": false})"},
        Example{"asymmetric",
                R"({"forget": "upstream", "how": "fin", "then": "rst", "after": "1m",
                    "new_connections": true})",
                R"({"forget": "upstream", "how": "fin", "then": "rst", "after": "1m",
                    "new_connections": true})"},
        Example{"flap", R"({"up": "3s", "down": "1s"})",
                R"({"how": "blackhole", "up": "3s", "down": "1s", "jitter": "0s", "count": 0,
                    "seed": 0})"},
        Example{"flap",
                R"({"how": "reset", "up": "3s", "down": "1s", "jitter": "500ms", "count": 2,
                    "seed": 18446744073709551615})",
                R"({"how": "reset", "up": "3s", "down": "1s", "jitter": "500ms", "count": 2,
                    "seed": 18446744073709551615})"}),
    [](const auto& example) { return example.param.type + std::to_string(example.index); });

TEST(ConnectionFaults, AWrongAttributeIsToldWithWhatWasExpected) {
  EXPECT_EQ(problem_of("refuse", R"({"side": "client"})"),
            "attributes.side: unknown attribute, expected none");
  EXPECT_EQ(problem_of("reset_on_next", R"({"side": "server"})"),
            "attributes.side: expected one of client, upstream, both, got \"server\"");
  EXPECT_EQ(problem_of("accept_then_silence", R"({"acks": 1})"),
            "attributes.acks: expected true or false, got 1");
  EXPECT_EQ(problem_of("half_close", R"({"after": 3})"),
            "attributes.after: expected a duration with its unit in quotes, such as \"3s\" or "
            "\"250ms\", got 3");
  EXPECT_EQ(problem_of("asymmetric", R"({"then": "fin"})"),
            "attributes.then: expected one of drop, rst, got \"fin\"");
  EXPECT_EQ(problem_of("blackhole", R"({"direction": "up"})"),
            "attributes.direction: expected one of both, upstream, downstream, got \"up\"");
  EXPECT_EQ(problem_of("blackhole", R"({"direction": "upstream", "at": "inside"})"),
            "attributes.at: inside is for a black hole of both directions, and direction is "
            "upstream");
}

TEST(ConnectionFaults, AFlapNeedsATimetableThatCanBeKept) {
  EXPECT_EQ(problem_of("flap", R"({"down": "1s"})"),
            "attributes.up: missing, expected a duration such as \"3s\"");
  EXPECT_EQ(problem_of("flap", R"({"up": "3s", "down": "0s"})"),
            "attributes.down: expected a duration above zero, got \"0s\"");
  EXPECT_EQ(problem_of("flap", R"({"up": "1us", "down": "1s"})"),
            "attributes.up: expected from 1ms to 365d, got 1us");
  EXPECT_EQ(problem_of("flap", R"({"up": "3s", "down": "1s", "jitter": "600ms"})"),
            "attributes.jitter: 600ms is more than half of up or of down");
  EXPECT_EQ(problem_of("flap", R"({"up": "3s", "down": "1s", "count": -1})"),
            "attributes.count: expected a whole number from 0 on, got -1");
  EXPECT_EQ(problem_of("flap", R"({"up": "3s", "down": "1s", "seed": 1.5})"),
            "attributes.seed: expected a whole number from 0 on, got 1.5E0");
}

}  // namespace
}  // namespace halfopen

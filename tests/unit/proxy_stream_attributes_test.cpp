// The stream faults' attributes: what is read, what is refused, what is answered.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "proxy/core/fault.hpp"

namespace halfopen {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

Result<FaultConfig> parse(std::string_view type, const char* attributes) {
  return parse_fault(type, boost::json::parse(attributes).as_object(), "attributes");
}

// The attributes as they are answered, or the problem.
std::string answer(std::string_view type, const char* attributes) {
  const auto parsed = parse(type, attributes);
  if (parsed.has_error()) return parsed.error().text;
  const auto written = attributes_of(*parsed);
  const auto again = parse_fault(type, written, "attributes");
  EXPECT_TRUE(again.has_value()) << again.error().text;
  EXPECT_EQ(attributes_of(*again), written);
  return boost::json::serialize(written);
}

template <class Config>
Config read(std::string_view type, const char* attributes) {
  const auto parsed = parse(type, attributes);
  EXPECT_TRUE(parsed.has_value()) << parsed.error().text;
  return std::get<Config>(std::get<StreamFaultConfig>(*parsed));
}

TEST(StreamAttributes, AreAllAnsweredWithZeroWhereNotGiven) {
  EXPECT_EQ(answer("latency", "{}"), R"({"latency":0,"jitter":0})");
  EXPECT_EQ(answer("latency", R"({"latency":100})"), R"({"latency":100,"jitter":0})");
  EXPECT_EQ(answer("bandwidth", "{}"), R"({"rate":0})");
  EXPECT_EQ(answer("slow_close", "{}"), R"({"delay":0})");
  EXPECT_EQ(answer("timeout", "{}"), R"({"timeout":0})");
  EXPECT_EQ(answer("reset_peer", "{}"), R"({"timeout":0})");
  EXPECT_EQ(answer("slicer", R"({"average_size":64})"),
            R"({"average_size":64,"size_variation":0,"delay":0})");
  EXPECT_EQ(answer("limit_data", "{}"), R"({"bytes":0})");
  EXPECT_EQ(answer("noop", "{}"), "{}");
}

TEST(StreamAttributes, OursAreAnsweredOnlyWhereTheySaySomething) {
  EXPECT_EQ(answer("bandwidth", R"({"rate":5,"scope":"proxy"})"), R"({"rate":5,"scope":"proxy"})");
  EXPECT_EQ(answer("bandwidth", R"({"rate":5,"scope":"connection"})"), R"({"rate":5})");
  EXPECT_EQ(answer("reset_peer", R"({"on":"now"})"), R"({"timeout":0,"on":"now"})");
  EXPECT_EQ(answer("reset_peer", R"({"on":"data"})"), R"({"timeout":0})");
  EXPECT_EQ(answer("corrupt", R"({"at_offset":0})"), R"({"at_offset":0})");
  EXPECT_EQ(answer("corrupt", R"({"every_bytes":1000,"at_offset":null})"),
            R"({"every_bytes":1000})");
}

TEST(StreamAttributes, HaveToxiproxysUnits) {
  using std::chrono::microseconds;
  using std::chrono::milliseconds;
  EXPECT_EQ(read<LatencyConfig>("latency", R"({"latency":7})").latency, milliseconds(7));
  EXPECT_EQ(read<LatencyConfig>("latency", R"({"jitter":7})").jitter, milliseconds(7));
  EXPECT_EQ(read<SlowCloseConfig>("slow_close", R"({"delay":7})").delay, milliseconds(7));
  EXPECT_EQ(read<TimeoutConfig>("timeout", R"({"timeout":7})").timeout, milliseconds(7));
  EXPECT_EQ(read<ResetPeerConfig>("reset_peer", R"({"timeout":7})").timeout, milliseconds(7));
  EXPECT_EQ(read<SlicerConfig>("slicer", R"({"average_size":1,"delay":7})").delay, microseconds(7));
}

TEST(StreamAttributes, TimesMayHaveAUnitOfTheirOwn) {
  using std::chrono::microseconds;
  const auto config = read<LatencyConfig>("latency", R"({"latency":"1.5ms","jitter":"250us"})");
  EXPECT_EQ(config.latency, microseconds(1500));
  EXPECT_EQ(config.jitter, microseconds(250));
  EXPECT_EQ(answer("latency", R"({"latency":"1.5ms","jitter":"2s"})"),
            R"({"latency":"1ms500us","jitter":2000})");
}

TEST(StreamAttributes, NullIsAsIfItWereNotThere) {
  EXPECT_EQ(answer("latency", R"({"latency":null,"jitter":3})"), R"({"latency":0,"jitter":3})");
  EXPECT_EQ(answer("bandwidth", R"({"rate":null})"), R"({"rate":0})");
}

TEST(StreamAttributes, OnlyWholeNumbersAreNumbers) {
  EXPECT_EQ(answer("latency", R"({"latency":1.5})"),
            "attributes.latency: expected a whole number of milliseconds or a duration with its "
            "unit in quotes, such as \"1.5ms\", of at most a year, got 1.5E0");
  for (const char* value : {"1.5", "1e3", "\"100\"", "true", "[]", "{}", "18446744073709551615"}) {
    const std::string text = std::string(R"({"rate":)") + value + "}";
    EXPECT_THAT(answer("bandwidth", text.c_str()),
                StartsWith("attributes.rate: expected a whole number"));
    const std::string bytes = std::string(R"({"bytes":)") + value + "}";
    EXPECT_THAT(answer("limit_data", bytes.c_str()),
                StartsWith("attributes.bytes: expected a whole number"));
    const std::string latency = std::string(R"({"latency":)") + value + "}";
    EXPECT_THAT(answer("latency", latency.c_str()),
                StartsWith("attributes.latency: expected a whole number"));
  }
}

TEST(StreamAttributes, WhatIsHarmlessIsTaken) {
  EXPECT_EQ(answer("latency", R"({"latency":-100,"jitter":-1})"),
            R"({"latency":-100,"jitter":-1})");
  EXPECT_EQ(answer("slow_close", R"({"delay":-1})"), R"({"delay":-1})");
  EXPECT_EQ(answer("timeout", R"({"timeout":-1})"), R"({"timeout":-1})");
  EXPECT_EQ(answer("limit_data", R"({"bytes":-1})"), R"({"bytes":-1})");
  EXPECT_EQ(answer("slicer", R"({"average_size":1,"delay":-1})"),
            R"({"average_size":1,"size_variation":0,"delay":-1})");
  EXPECT_EQ(answer("bandwidth", R"({"rate":9223372036854775807})"),
            R"({"rate":9223372036854775807})");
}

TEST(StreamAttributes, WhatWouldCrashOrWedgeToxiproxyIsRefused) {
  EXPECT_EQ(answer("bandwidth", R"({"rate":-1})"),
            "attributes.rate: expected kilobytes a second, 0 (nothing passes) or more, got -1");
  EXPECT_EQ(answer("slicer", "{}"), "attributes.average_size: expected bytes, 1 or more, got 0");
  EXPECT_THAT(answer("slicer", R"({"average_size":-1})"), StartsWith("attributes.average_size: "));
  EXPECT_EQ(answer("slicer", R"({"average_size":10,"size_variation":11})"),
            "attributes.size_variation: expected bytes, from 0 to average_size, got 11");
  EXPECT_THAT(answer("slicer", R"({"average_size":10,"size_variation":-1})"),
              StartsWith("attributes.size_variation: "));
  EXPECT_THAT(answer("latency", R"({"jitter":9223372036854775807})"), HasSubstr("at most a year"));
  EXPECT_THAT(answer("latency", R"({"latency":-9223372036854775808})"),
              HasSubstr("at most a year"));
  EXPECT_THAT(answer("timeout", R"({"timeout":"80000d"})"), HasSubstr("at most a year"));
}

TEST(StreamAttributes, CorruptNeedsToKnowWhere) {
  EXPECT_EQ(answer("corrupt", "{}"),
            "attributes: expected every_bytes (flip a bit about every so many bytes) or at_offset "
            "(flip one bit there)");
  EXPECT_THAT(answer("corrupt", R"({"every_bytes":0})"), StartsWith("attributes.every_bytes: "));
  EXPECT_THAT(answer("corrupt", R"({"every_bytes":9223372036854775807})"),
              StartsWith("attributes.every_bytes: "));
  EXPECT_THAT(answer("corrupt", R"({"at_offset":-1})"), StartsWith("attributes.at_offset: "));
}

TEST(StreamAttributes, UnknownOnesAreRefusedUnlessTheyAreLeftOut) {
  EXPECT_EQ(
      answer("latency", R"({"latecny":1})"),
      "attributes.latecny: unknown attribute, did you mean \"latency\"? expected latency, jitter");
  const auto given = boost::json::parse(R"({"LATENCY":1,"Jitter":2,"latecny":3})").as_object();
  EXPECT_EQ(boost::json::serialize(known_attributes("latency", given)),
            R"({"latency":1,"jitter":2})");
  EXPECT_TRUE(known_attributes("nonsense", given).empty());
}

// Otherwise a lenient caller would leave out what the parser asks for, or let through what it
// refuses.
TEST(StreamAttributes, TheTableNamesWhatTheParsersRead) {
  for (const std::string_view type : fault_type_names()) {
    for (const std::string_view name : attribute_names(type)) {
      if (type == "nat" && name == "profile") continue;  // resolved before it is parsed
      boost::json::object one{{name, boost::json::value("?")}};
      if (type == "nat") one.emplace("idle_timeout", "1s");
      if (type == "peer_restart") one.emplace("kind", "crash");
      const auto parsed = parse_fault(type, one, "attributes");
      ASSERT_TRUE(parsed.has_error()) << type << " takes any " << name;
      EXPECT_THAT(parsed.error().text, ::testing::Not(HasSubstr("unknown attribute")));
    }
  }
}

TEST(Toxicity, IsWrittenAsTheShortestFloat) {
  EXPECT_EQ(format_toxicity(0.2), "0.2");
  EXPECT_EQ(format_toxicity(1), "1");
  EXPECT_EQ(format_toxicity(0), "0");
  EXPECT_EQ(format_toxicity(0.99), "0.99");
  EXPECT_EQ(format_toxicity(static_cast<double>(0.1F)), "0.1");
}

TEST(StreamFaults, AreToldFromConnectionFaults) {
  EXPECT_TRUE(is_stream_fault(*parse("latency", "{}")));
  EXPECT_TRUE(is_stream_fault(*parse("corrupt", R"({"at_offset":1})")));
  EXPECT_FALSE(is_stream_fault(*parse("blackhole", "{}")));
  EXPECT_TRUE(is_fault_type("slicer"));
  EXPECT_FALSE(is_fault_type("slicers"));
}

}  // namespace
}  // namespace halfopen

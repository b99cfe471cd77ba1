#include "proxy/shell/proxy_requests.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace halfopen {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

boost::json::value json(const char* text) {
  return boost::json::parse(text);
}

TEST(ProxyRequests, WhatIsNotGivenIsToxiproxysDefault) {
  const auto request = read_proxy(json(R"({"name": "p", "upstream": "u:1", "x": {}})")).value();
  EXPECT_EQ(request.listen, "");
  EXPECT_TRUE(request.enabled);
  EXPECT_FALSE(request.half_close);
  EXPECT_TRUE(request.faults.empty());
}

TEST(ProxyRequests, FaultsComeWithTheProxy) {
  const auto request = read_proxy(json(R"({"name": "p", "upstream": "u:1", "half_close": true,
      "faults": [{"type": "latency", "stream": "both", "toxicity": 0.2,
                  "attributes": {"latency": 5}},
                 {"type": "syn_drop"}]})"))
                           .value();
  ASSERT_EQ(request.faults.size(), 2U);
  EXPECT_TRUE(request.half_close);
  EXPECT_EQ(request.faults[0].name, "latency_both");
  EXPECT_EQ(format_toxicity(request.faults[0].toxicity), "0.2");
  EXPECT_EQ(request.faults[1].name, "syn_drop");
  EXPECT_EQ(request.faults[1].stream, StreamDirection::kBoth);
}

TEST(ProxyRequests, ARefusedEntryOfManyNamesItsPlace) {
  const auto text_of = [](const char* text) { return read_proxies(json(text)).error().text; };
  EXPECT_EQ(text_of(R"([{"name": "a", "upstream": "u"}, {"upstream": "u"}])"),
            "missing required field: name at proxy 2");
  EXPECT_EQ(text_of(R"([{"name": "a"}])"), "missing required field: upstream at proxy 1");
  EXPECT_THAT(text_of(R"({"name": "a"})"), HasSubstr("[]toxiproxy.Proxy"));
  EXPECT_TRUE(read_proxies(json("[]")).value().empty());
}

TEST(ProxyRequests, AnEmptyTextChangesNothing) {
  const auto update = read_proxy_update(json(R"({"listen": "", "upstream": "u:2"})")).value();
  EXPECT_FALSE(update.listen);
  EXPECT_EQ(update.upstream, "u:2");
  EXPECT_FALSE(update.enabled);
}

FaultSpec toxic(const char* text) {
  return to_fault(read_toxic(json(text)).value()).value();
}

TEST(ToxicRequests, TheStreamIsAnsweredAsItWasGiven) {
  const FaultSpec fault = toxic(R"({"type": "latency", "stream": "UPSTREAM"})");
  EXPECT_EQ(fault.name, "latency_UPSTREAM");
  EXPECT_EQ(fault.stream, StreamDirection::kUpstream);
  EXPECT_EQ(stream_text(fault), "UPSTREAM");
  EXPECT_EQ(stream_text(toxic(R"({"type": "noop"})")), "downstream");
}

TEST(ToxicRequests, OnlyWhatIsKnownAndNotNullIsAnAttribute) {
  const FaultSpec fault =
      toxic(R"({"type": "latency", "attributes": {"LATENCY": 7, "jitter": null, "other": "x"}})");
  EXPECT_EQ(attributes_of(fault.config), json(R"({"latency": 7, "jitter": 0})").as_object());
}

TEST(ToxicRequests, AFaultOfTheConnectionHasNoStream) {
  const FaultSpec fault = toxic(R"({"type": "syn_drop", "stream": "upstream"})");
  EXPECT_EQ(fault.name, "syn_drop");
  EXPECT_EQ(stream_text(fault), "both");
  const auto request = read_toxic(json(R"({"type": "blackhole", "attributes": {"x": 1}})")).value();
  EXPECT_THAT(to_fault(request).error().text, HasSubstr("attributes.x: unknown attribute"))
      << "what is ours is read strictly";
}

TEST(ToxicRequests, AnUpdateKeepsWhatItDoesNotName) {
  const FaultSpec fault =
      toxic(R"({"type": "latency", "toxicity": 0.5, "attributes": {"latency": 7, "jitter": 2}})");
  const auto changed =
      read_toxic_update(fault, json(R"({"name": "x", "type": "noop", "stream": "upstream",
                      "attributes": {"Jitter": 3}})"));
  ASSERT_TRUE(changed.has_value());
  EXPECT_EQ(attributes_of(changed->config), json(R"({"latency": 7, "jitter": 3})").as_object());
  EXPECT_EQ(changed->toxicity, 0.5);
  EXPECT_EQ(changed->name, fault.name);
  EXPECT_EQ(read_toxic_update(fault, json(R"({"toxicity": 0})"))->toxicity, 0);
  EXPECT_TRUE(read_toxic_update(fault, json(R"({"attributes": {"latency": "x"}})")).has_error());
}

TEST(ProxyConfig, KeysThatNothingReadsAreWarnedOf) {
  const auto config = read_config_text(
      R"([{"name": "a", "upstream": "u:1", "fualts": []}, {"Name": "b", "upstream": "u:1"}])");
  EXPECT_THAT(config->warnings, ElementsAre("proxy 1: nothing reads \"fualts\""));
  EXPECT_EQ(config->proxies.size(), 2U);
}

}  // namespace
}  // namespace halfopen

// What the schema says and what the reader takes are the same: both are asked the same questions,
// and here their answers are compared.
#include "node/shell/config_schema.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <regex>

#include "node/shell/config.hpp"

namespace halfopen::node {
namespace {

using boost::json::object;
using boost::json::value;
using ::testing::HasSubstr;

const std::string kMinimal = "name: n1\ninsecure_seed: a\n";

object properties() {
  return config_schema().at("properties").as_object();
}

std::string text_of(const value& from) {
  return from.is_string() ? std::string(from.get_string()) : boost::json::serialize(from);
}

// The file with this key and value, in the mapping `where` ("" for none).
std::string with(const std::string& where, const std::string& key, const std::string& content) {
  if (where.empty()) return kMinimal + key + ": " + content + "\n";
  return kMinimal + where + ": {" + key + ": " + content + "}\n";
}

bool is_taken(const std::string& text) {
  return parse_config(text, "n.yaml").has_value();
}

void check_property(const std::string& where, const std::string& key, const object& property) {
  const std::string type = text_of(property.at("type"));
  if (const auto* standard = property.if_contains("default")) {
    if (key == "name" || key == "backoff_min") return;
    EXPECT_TRUE(is_taken(with(where, key, text_of(*standard)))) << where << "." << key;
    if (const auto* pattern = property.if_contains("pattern")) {
      EXPECT_TRUE(std::regex_match(text_of(*standard), std::regex(text_of(*pattern)))) << key;
    }
  }
  if (type == "integer") {
    const std::uint64_t max = property.at("maximum").to_number<std::uint64_t>();
    const std::uint64_t min = property.at("minimum").to_number<std::uint64_t>();
    EXPECT_TRUE(is_taken(with(where, key, std::to_string(max)))) << key;
    EXPECT_TRUE(is_taken(with(where, key, std::to_string(min)))) << key;
    EXPECT_EQ(is_taken(with(where, key, std::to_string(max + 1))), max + 1 == 0) << key;
    if (min > 0) {
      EXPECT_FALSE(is_taken(with(where, key, std::to_string(min - 1)))) << key;
    }
  }
  if (type == "boolean") {
    EXPECT_FALSE(is_taken(with(where, key, "yes"))) << key;
  }
  if (const auto* options = property.if_contains("enum")) {
    for (const value& option : options->as_array())
      EXPECT_TRUE(is_taken(with(where, key, text_of(option)))) << key;
    EXPECT_FALSE(is_taken(with(where, key, "otherwise"))) << key;
  }
}

TEST(NodeConfigSchema, SaysWhatTheReaderTakes) {
  const object all = properties();
  for (const auto& entry : all) {
    const object& property = entry.value().as_object();
    const auto* inner = property.if_contains("properties");
    if (inner == nullptr) {
      check_property("", std::string(entry.key()), property);
      continue;
    }
    for (const auto& field : inner->as_object())
      check_property(std::string(entry.key()), std::string(field.key()), field.value().as_object());
  }
}

TEST(NodeConfigSchema, KnowsEveryKeyOfTheDocumentedFile) {
  for (const char* key : {"name",      "network",      "listen",        "admin",
                          "events",    "store",        "seed",          "preset",
                          "peers",     "key",          "insecure_seed", "transport",
                          "weight",    "retention",    "drain_timeout", "log_level",
                          "keepalive", "user_timeout", "ping",          "reconnect",
                          "retry",     "watch_idle",   "ack_wait",      "writes_per_frame"}) {
    EXPECT_TRUE(properties().contains(key)) << key;
  }
  const object peer = properties().at("peers").at("items").at("properties").as_object();
  for (const char* key : {"name", "address", "key", "insecure_seed", "weight"})
    EXPECT_TRUE(peer.contains(key)) << key;
  EXPECT_EQ(config_schema().at("additionalProperties"), value(false));
  EXPECT_EQ(boost::json::serialize(config_schema().at("required")), "[\"name\"]");
}

TEST(NodeConfigSchema, IsPrintedAsJson) {
  boost::system::error_code error;
  EXPECT_EQ(boost::json::parse(config_schema_text(), error), value(config_schema()));
  EXPECT_FALSE(error);
  EXPECT_THAT(config_schema_text(), HasSubstr("\n    \"ping\": {\n"));
}

TEST(NodeConfigSchema, DurationsArePatternsThatTheReaderTakes) {
  const object ping = properties().at("ping").at("properties").as_object();
  const std::regex pattern(text_of(ping.at("interval").at("pattern")));
  for (const char* text : {"250ms", "1.5s", "1m30s"}) {
    EXPECT_TRUE(std::regex_match(text, pattern)) << text;
    EXPECT_TRUE(is_taken(with("ping", "interval", text))) << text;
  }
  for (const char* text : {"10", "s", "1 s", "fast"}) {
    EXPECT_FALSE(std::regex_match(text, pattern)) << text;
    EXPECT_FALSE(is_taken(with("ping", "interval", text))) << text;
  }
}

}  // namespace
}  // namespace halfopen::node

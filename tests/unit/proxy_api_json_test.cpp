#include "proxy/shell/toxiproxy_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

namespace halfopen {
namespace {

using ::testing::HasSubstr;

TEST(ToxiproxyJson, WhatIsWrongIsSaidInGosWords) {
  struct Case {
    const char* text;
    const char* words;
  };
  for (const Case& test : {
           Case{"", "EOF"},
           Case{" \n\t", "EOF"},
           Case{"{", "unexpected EOF"},
           Case{"[1,", "unexpected EOF"},
           Case{"\"abc", "unexpected EOF"},
           Case{"{}x", ""},
           Case{"nul", "unexpected EOF"},
           Case{"nulx", "invalid character 'x' in literal null (expecting 'l')"},
           Case{"x", "invalid character 'x' looking for beginning of value"},
           Case{"'", R"(invalid character '\'' looking for beginning of value)"},
           Case{"{,}", "invalid character ',' looking for beginning of object key string"},
           Case{"{\"a\":1,}", "invalid character '}' looking for beginning of object key string"},
           Case{"{\"a\" 1}", "invalid character '1' after object key"},
           Case{"{\"a\":1 2}", "invalid character '2' after object key:value pair"},
           Case{"[1 2]", "invalid character '2' after array element"},
           Case{"[1,]", "invalid character ']' looking for beginning of value"},
           Case{"\"\n\"", R"(invalid character '\n' in string literal)"},
           Case{"\"\\x\"", "invalid character 'x' in string escape code"},
           Case{"\"\\u12g\"", R"(invalid character 'g' in \u hexadecimal character escape)"},
           Case{"-x", "invalid character 'x' in numeric literal"},
           Case{"1.x", "invalid character 'x' after decimal point in numeric literal"},
           Case{"1ex", "invalid character 'x' in exponent of numeric literal"},
           Case{"\x01", R"(invalid character '\x01' looking for beginning of value)"},
       }) {
    const auto end = find_end_of_json(test.text);
    if (*test.words == '\0') {
      EXPECT_TRUE(end.has_value()) << test.text;
    } else {
      ASSERT_TRUE(end.has_error()) << test.text;
      EXPECT_EQ(end.error().text, test.words) << test.text;
    }
  }
}

TEST(ToxiproxyJson, NestingHasALimit) {
  const std::string deep(1000, '[');
  EXPECT_EQ(read_json(deep).error().text, "bad request body: exceeded max depth");
}

TEST(ToxiproxyJson, OnlyTheFirstValueIsRead) {
  EXPECT_EQ(boost::json::serialize(read_json(" {\"a\": [1, -2.5e1]} {").value()),
            "{\"a\":[1,-2.5E1]}");
}

TEST(ToxiproxyJson, TextThatIsNotUtf8IsRefused) {
  EXPECT_THAT(read_json("\"\xff\"").error().text, HasSubstr("bad request body: "));
}

TEST(ToxiproxyJson, KeysAreReadInAnyCaseAndNullIsNothing) {
  const auto json = read_json(R"({"NAME": "n", "Enabled": false, "toxicity": 1, "listen": null})");
  const auto fields = LenientObject::from(*json, "Proxy");
  EXPECT_EQ(fields->string("name").value(), "n");
  EXPECT_EQ(fields->boolean("enabled").value(), false);
  EXPECT_EQ(fields->number("toxicity").value(), 1.0);
  EXPECT_EQ(fields->string("listen").value(), std::nullopt);
  EXPECT_EQ(fields->boolean("name").error().text,
            "bad request body: json: cannot unmarshal string into Go struct field Proxy.name of "
            "type bool");
}

TEST(ToxiproxyJson, NullStandsForAnEmptyObject) {
  EXPECT_EQ(LenientObject::from(nullptr, "Proxy")->string("name").value(), std::nullopt);
  EXPECT_EQ(LenientObject::from(boost::json::array{}, "Proxy").error().text,
            "bad request body: json: cannot unmarshal array into Go value of type toxiproxy.Proxy");
}

}  // namespace
}  // namespace halfopen

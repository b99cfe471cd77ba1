// YAML into documents, documents into JSON, paths into documents, and names that are nearly right.
#include "harness/model/document.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "base/near_name.hpp"
#include "harness/model/pointer.hpp"

namespace halfopen {
namespace {

using testing::HasSubstr;

std::string json_of(const std::string& yaml) {
  const auto document = parse_yaml(yaml, "f");
  return document ? boost::json::serialize(to_json(*document)) : document.error().text;
}

TEST(Document, PlainScalarsBecomeTypedAndQuotedOnesStayText) {
  EXPECT_EQ(json_of("[true, False, 3, -4, +5, 2.5, 1e3, ~, null, '']"),
            "[true,false,3,-4,5,2.5E0,1E3,null,null,\"\"]");
  EXPECT_EQ(json_of("['true', \"3\", !!str 4]"), R"(["true","3","4"])");
  EXPECT_EQ(json_of("[3s, 1.2.3, 10-2, e5, yes, .inf, nan, +-1, 99999999999999999999]"),
            R"(["3s","1.2.3","10-2","e5","yes",".inf","nan","+-1",1E20])");
}

TEST(Document, KeepsTheOrderOfKeys) {
  EXPECT_EQ(json_of("b: 1\na: {z: [], y: {}}\n"), R"({"b":1,"a":{"z":[],"y":{}}})");
}

TEST(Document, ValuesAndKeysKnowTheirPlace) {
  const auto document = parse_yaml("a: 1\nlist:\n  - {b: two}\n", "dir/f.yaml");
  ASSERT_TRUE(document.has_value());
  const DocumentEntry& entry = document->find("list")->items.at(0).entries.at(0);
  EXPECT_EQ(entry.key_mark.text(), "dir/f.yaml:3:6");
  EXPECT_EQ(entry.value.mark.text(), "dir/f.yaml:3:9");
  EXPECT_EQ(document->find("none"), nullptr);
  EXPECT_EQ(problem_at(Mark{}, "text").text, "text");
}

TEST(Document, AProblemIsOneLineThatQuotesOnlySoMuch) {
  EXPECT_EQ(problem_at(Mark{"f", 1, 2}, "in 'a\nb'").text, "f:1:2: in 'a b'");
  EXPECT_EQ(excerpt("short"), "short");
  EXPECT_EQ(excerpt("abcdef", 3), "abc...");
  EXPECT_EQ(excerpt("ab\xc3\xbc", 3), "ab...");
  EXPECT_EQ(excerpt("ab\xc3\xbc", 4), "ab\xc3\xbc");
}

constexpr std::size_t kMebibyte = 1'048'576;

TEST(Document, LimitsOfSizeAndDepth) {
  const auto nested = [](int depth) {
    return std::string(static_cast<std::size_t>(depth), '[') +
           std::string(static_cast<std::size_t>(depth), ']');
  };
  EXPECT_TRUE(parse_yaml(nested(32), "f").has_value());
  EXPECT_EQ(json_of(nested(33)), "f:1:33: nested more than 32 deep");
  EXPECT_EQ(json_of(nested(500'000)), "f:1:33: nested more than 32 deep");
  EXPECT_TRUE(parse_yaml(std::string(kMebibyte, '#'), "f").has_value());
  EXPECT_EQ(json_of(std::string(kMebibyte + 1, '#')),
            "f: the file has 1048577 bytes; expected at most 1 MiB");
}

TEST(Document, OnlyTextThatEveryReaderCanCarry) {
  EXPECT_EQ(json_of("a: b\nc: \x04 d"), "f:2:4: a control character is not allowed");
  EXPECT_EQ(json_of(std::string("a\0b", 3)), "f:1:2: a control character is not allowed");
  EXPECT_EQ(json_of("a: \xff"), "f:1:4: the text is not UTF-8");
  EXPECT_EQ(json_of("a: \xc3"), "f:1:4: the text is not UTF-8");
  EXPECT_EQ(json_of("a: gr\xc3\xbc\xc3\x9f"), "{\"a\":\"gr\xc3\xbc\xc3\x9f\"}");
  EXPECT_EQ(json_of("a: 1\r\nb: 2\r\n"), R"({"a":1,"b":2})");
}

TEST(Document, AnAliasIsRefusedBeforeItIsFollowed) {
  EXPECT_EQ(json_of("a: &x [1]\nb: [*x, *x]"),
            "f:1:4: an anchor is not allowed; use vars and \"${name}\" for what repeats");
}

TEST(Document, WhatIsNeverClosedIsNamedWhereItWasOpened) {
  EXPECT_EQ(
      json_of("a: {b: 1\nc: 2\n"),
      "f:1:4: not valid YAML: the \"{\" opened here is not closed; expected \"}\" before line "
      "2, \"c: 2\"");
  EXPECT_EQ(
      json_of("a:\n  - {b: [1, {x: 2}]\n  - {b: 2}\n"),
      "f:2:5: not valid YAML: the \"{\" opened here is not closed; expected \"}\" before line "
      "3, \"- {b: 2}\"");
  EXPECT_EQ(json_of("a: {b: [1}\n"),
            "f:1:8: not valid YAML: the \"[\" opened here is not closed; expected \"]\"");
  EXPECT_EQ(json_of("a: gr\xc3\xbc\xc3\x9f\n\xc3\xbc: 'b\n"),
            "f:2:5: not valid YAML: the quote opened here is never closed");
  EXPECT_EQ(json_of("a: \"b\nc: 1\nd: \"2\"\n"),
            "f:1:4: not valid YAML: the quote opened here is not closed before line 2, \"c: 1\"");
}

// The parser itself takes it: b is then a part of a's text.
TEST(Document, AQuoteThatSwallowsKeysIsRefusedThoughItIsClosed) {
  EXPECT_EQ(json_of("a: 'x\nb: 1\nc: 2'\n"),
            "f:1:4: not valid YAML: the quote opened here is not closed before line 2, \"b: 1\"");
}

TEST(Document, QuotesAndBracketsOverSeveralLinesAreGood) {
  EXPECT_EQ(json_of("a: {\nb: [1,\n2]\n}\n"), R"({"a":{"b":[1,2]}})");
  EXPECT_EQ(json_of("a: \"one\n  b: two\"\n"), R"({"a":"one b: two"})");
  EXPECT_EQ(json_of("a: \"one\ntwo\"\n"), R"({"a":"one two"})");
  EXPECT_EQ(json_of("a: so\n  'tis\nb: 1\n"), R"({"a":"so 'tis","b":1})");
  EXPECT_EQ(json_of("a: it's \"so\" # isn't it [\nb: |\n  \"c {\n  d: '\ne: 'it''s'\n"),
            R"({"a":"it's \"so\"","b":"\"c {\nd: '\n","e":"it's"})");
}

class Pointer : public testing::Test {
 protected:
  Document document_ = *parse_yaml(
      "name: x\n"
      "nodes: {n1: {a/b: 1, keepalive: {idle: 1s}}}\n"
      "links:\n"
      "  - {between: [n1, n2], faults: [{nat: {idle_timeout: 3s}}, {nat: {name: far, on: 1}}]}\n"
      "steps: [{id: up, within: 1s}, {id: twin, n: 1}, {id: twin, n: 2}]\n",
      "f");

  std::string at(const std::string& path) {
    const auto found = resolve_pointer(document_, path);
    return found ? boost::json::serialize(to_json(**found)) : found.error().text;
  }
};

TEST_F(Pointer, FollowsKeysIndexesIdsAndNames) {
  EXPECT_EQ(at("/nodes/n1/keepalive/idle"), "\"1s\"");
  EXPECT_EQ(at("/nodes/n1/a~1b"), "1");
  EXPECT_EQ(at("/links/0/faults/0/nat/idle_timeout"), "\"3s\"");
  EXPECT_EQ(at("/links/n1-n2/faults/nat/nat/idle_timeout"), "\"3s\"");
  EXPECT_EQ(at("/links/n1-n2/faults/far/nat/on"), "1");
  EXPECT_EQ(at("/steps/up/within"), "\"1s\"");
}

TEST_F(Pointer, SaysWhereItEnds) {
  EXPECT_EQ(at("/nodes/n2"),
            "the path \"/nodes/n2\" leads nowhere: /nodes has no key \"n2\"; did you mean \"n1\"? "
            "expected n1");
  EXPECT_EQ(at("/nodes/n1/"),
            "the path \"/nodes/n1/\" leads nowhere: /nodes/n1 has no key \"\"; expected one of "
            "a/b, keepalive");
  EXPECT_EQ(at("/links/7"),
            "the path \"/links/7\" leads nowhere: /links has no item \"7\"; expected n1-n2");
  EXPECT_EQ(at("/steps/twin/n"),
            "the path \"/steps/twin/n\" leads nowhere: /steps has several items called \"twin\"; "
            "name one by its index from 0");
  EXPECT_EQ(at("/node"),
            "the path \"/node\" leads nowhere: the file has no key \"node\"; did you mean "
            "\"nodes\"? expected one of name, nodes, links, steps");
  EXPECT_EQ(at("/name"), "the path \"/name\" may not change name");
  EXPECT_EQ(at(""), "the path \"\" must begin with \"/\", as in /nodes/n1/preset");
  EXPECT_EQ(at("/"),
            "the path \"/\" names nothing; expected a key behind it, as in /nodes/n1/preset");
}

TEST_F(Pointer, SaysWhatToWriteWhereTheFileDoesNot) {
  const auto said = [this](const std::string& path, const char* value) {
    const Document set = *parse_yaml("{\"" + path + "\": " + value + "}", "f");
    return apply_set(document_, set).error().text;
  };
  EXPECT_THAT(said("/nodes/n1/ping/enabled", "false"),
              HasSubstr("/nodes/n1 does not write \"ping\", and a path leads only to what the file "
                        "writes; write there ping: {enabled: true} first"));
  EXPECT_THAT(said("/nodes/n1/keepalive/count", "9"), HasSubstr(" count: 3 first"));
  EXPECT_THAT(said("/nodes/n1/keepalive/interval", "'${x}'"), HasSubstr(" interval: 5s first"));
  EXPECT_THAT(said("/nodes/n1/ping", "{enabled: true}"), HasSubstr(" ping: {} first"));
}

TEST_F(Pointer, SetReplacesWholeValuesOneAfterAnother) {
  const auto set =
      parse_yaml("{/nodes/n1: {ping: {interval: 1s}}, /nodes/n1/ping/interval: 2s}", "g");
  ASSERT_TRUE(apply_set(document_, *set).has_value());
  EXPECT_EQ(at("/nodes/n1"), R"({"ping":{"interval":"2s"}})");
  const auto wrong = parse_yaml("{/nodes/n1/pong: 1}", "g");
  EXPECT_EQ(apply_set(document_, *wrong).error().text,
            "g:1:2: the path \"/nodes/n1/pong\" leads nowhere: /nodes/n1 has no key \"pong\"; did "
            "you mean \"ping\"? expected ping");
}

TEST(NearName, FindsSlipsAndNothingElse) {
  const std::vector<std::string> known{"nodes", "nat", "keepalive", "n1"};
  EXPECT_EQ(near_name("nodez", known), "nodes");
  EXPECT_EQ(near_name("nta", known), "nat");
  EXPECT_EQ(near_name("clame", {"name", "claim", "nodes"}), "claim");
  EXPECT_EQ(near_name("keep_alive", known), "keepalive");
  EXPECT_EQ(near_name("n3", known), "n1");
  EXPECT_EQ(near_name("budget", known), "");
  EXPECT_EQ(near_name("", known), "");
  EXPECT_EQ(near_name(std::string(10'000, 'n'), known), "");
}

TEST(NearName, AListStaysOneLine) {
  EXPECT_EQ(expected_names("x", {}), "there is none");
  const std::string text = expected_names("x", std::vector<std::string>(100, "name"));
  EXPECT_NE(text.find("... (100 in all)"), std::string::npos);
  EXPECT_LT(text.size(), 200U);
}

}  // namespace
}  // namespace halfopen

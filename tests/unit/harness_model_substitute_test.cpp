// Variables and the arithmetic inside "${...}".
#include "harness/model/substitute.hpp"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

namespace halfopen {
namespace {

Variables variables_of(const std::map<std::string, std::string>& texts) {
  Variables variables;
  for (const auto& [name, text] : texts)
    variables[name] = Variable{text, false, Mark{name, 1, 1}};
  return variables;
}

const std::map<std::string, std::string> kTexts{
    {"nat", "3s"}, {"n", "4"}, {"pace", "fast"}, {"half", "0.50"}, {"flag", "true"}};

// The scalar after substitution, as JSON, or the problem.
std::string substituted(const std::string& scalar,
                        const std::map<std::string, std::string>& texts = kTexts) {
  Document document;
  document.kind = Document::Kind::kScalar;
  document.scalar = scalar;
  document.quoted = true;
  const auto resolved = resolve_variables(variables_of(texts));
  if (resolved.has_error()) return resolved.error().text;
  const auto done = substitute(document, *resolved);
  return done.has_error() ? done.error().text : boost::json::serialize(to_json(document));
}

TEST(Substitute, AScalarThatIsOneVariableTakesItsType) {
  EXPECT_EQ(substituted("${n}"), "4");
  EXPECT_EQ(substituted("${ n }"), "4");
  EXPECT_EQ(substituted("${flag}"), "true");
  EXPECT_EQ(substituted("${half}"), "5E-1");
  EXPECT_EQ(substituted("${nat}"), "\"3s\"");
  EXPECT_EQ(substituted("${pace}"), "\"fast\"");
  EXPECT_EQ(substituted("${n}0"), "\"40\"");
  EXPECT_EQ(substituted(" ${n}"), "\" 4\"");
}

TEST(Substitute, AQuotedVariableStaysText) {
  Document document;
  document.kind = Document::Kind::kScalar;
  document.scalar = "${x}";
  ASSERT_TRUE(substitute(document, {{"x", Variable{"4", true, Mark{}}}}).has_value());
  EXPECT_TRUE(document.quoted);
  EXPECT_EQ(document.scalar, "4");
}

TEST(Substitute, TextAroundVariables) {
  EXPECT_EQ(substituted("x >= ${n} and y < ${n + 1}"), "\"x >= 4 and y < 5\"");
  EXPECT_EQ(substituted("rate(x[${nat * 2}])"), "\"rate(x[6s])\"");
  EXPECT_EQ(substituted("$${n} costs $5 and ${n}$"), "\"${n} costs $5 and 4$\"");
}

TEST(Substitute, ArithmeticKeepsUnitsApart) {
  EXPECT_EQ(substituted("${nat + 2s}"), "\"5s\"");
  EXPECT_EQ(substituted("${nat - 500ms}"), "\"2s500ms\"");
  EXPECT_EQ(substituted("${2 * nat + 1s * n}"), "\"10s\"");
  EXPECT_EQ(substituted("${2 * (nat + 1s)}"), "\"8s\"");
  EXPECT_EQ(substituted("${nat / 2}"), "\"1s500ms\"");
  EXPECT_EQ(substituted("${6s / nat}"), "2");
  EXPECT_EQ(substituted("${10 - 2 - 3}"), "5");
  EXPECT_EQ(substituted("${12 / 4 / 2}"), "1.5E0");
  EXPECT_EQ(substituted("${-n + 1}"), "-3");
  EXPECT_EQ(substituted("${1m30s + 30s}"), "\"2m\"");
}

TEST(Substitute, WhatHasNoMeaningIsNotGuessed) {
  EXPECT_EQ(substituted("${nat * nat}"),
            "in \"${nat * nat}\": the duration 3s * the duration 3s has no meaning; expected two "
            "durations or two numbers, or a duration * or / a number");
  EXPECT_EQ(substituted("${1 / nat}"),
            "in \"${1 / nat}\": the number 1 / the duration 3s has no meaning; expected two "
            "durations or two numbers, or a duration * or / a number");
  EXPECT_EQ(substituted("${n n}"),
            "in \"${n n}\": expected an operator (+ - * /) or the end but found \"n\"");
  EXPECT_EQ(substituted("${2 * }"),
            "in \"${2 * }\": expected a variable, a number or a duration but found the end");
  EXPECT_EQ(substituted("${9e400}"),
            "in \"${9e400}\": \"9e400\" is neither a number nor a duration such as 250ms or 1m30s");
  EXPECT_EQ(substituted("${100000d * 100000}"),
            "in \"${100000d * 100000}\": \"100000d\" is neither a number nor a duration such as "
            "250ms or 1m30s");
  EXPECT_EQ(substituted("${10000d * 100000}"),
            "in \"${10000d * 100000}\": the duration is too long");
}

TEST(Substitute, DeepNestingIsRefusedNotFollowed) {
  const std::string deep(100'000, '(');
  EXPECT_NE(substituted("${" + deep + "1}").find("nested too deep"), std::string::npos);
  EXPECT_NE(substituted("${" + std::string(100'000, '-') + "1}").find("nested too deep"),
            std::string::npos);
}

TEST(Substitute, VariablesMadeOfVariables) {
  EXPECT_EQ(substituted("${c}", {{"a", "${b + 1s}"}, {"b", "2s"}, {"c", "${a * 2}"}}), "\"6s\"");
  EXPECT_EQ(substituted("x", {{"a", "${b}"}, {"b", "${c}"}, {"c", "${a}"}}),
            "a:1:1: the variable \"a\" is made of itself");
  EXPECT_EQ(substituted("x", {{"a", "${b}"}, {"b", "${nope}"}}),
            "b:1:1: in \"${nope}\": unknown variable \"nope\"; expected one of a, b");
}

TEST(Substitute, VariablesCannotGrowWithoutEnd) {
  std::map<std::string, std::string> texts{{"v00", "0123456789"}};
  for (int i = 1; i < 40; ++i) {
    const auto name = [](int number) {
      return (number < 10 ? "v0" : "v") + std::to_string(number);
    };
    texts[name(i)] = "${" + name(i - 1) + "}${" + name(i - 1) + "}";
  }
  EXPECT_NE(substituted("x", texts).find("is longer than 1024 bytes"), std::string::npos);
}

TEST(Substitute, ADocumentCannotGrowWithoutEnd) {
  std::string text;
  for (int i = 0; i < 5000; ++i)
    text += "${long}";
  Document document;
  document.kind = Document::Kind::kScalar;
  document.scalar = text;
  document.mark = Mark{"f", 2, 3};
  const auto done =
      substitute(document, {{"long", Variable{std::string(1000, 'x'), false, Mark{}}}});
  ASSERT_TRUE(done.has_error());
  EXPECT_EQ(done.error().text, "f:2:3: the text grows too long");
}

}  // namespace
}  // namespace halfopen

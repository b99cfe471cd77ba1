#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "harness/model/expression/expression.hpp"
#include "harness/model/expression/syntax.hpp"

namespace halfopen {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string error_of(const std::string& text) {
  const auto parsed = Expression::parse(text);
  return parsed.has_error() ? parsed.error().text : "";
}

// Fully parenthesised, so that precedence is visible.
std::string shape(const expression::Syntax& syntax, const std::string& text) {
  if (const auto* binary = std::get_if<expression::Binary>(&syntax.node)) {
    static const std::vector<std::string> kNames{
        "^", "*", "/", "%", "+", "-", "==", "!=", ">", "<", ">=", "<=", "and", "unless", "or"};
    return "(" + shape(*binary->left, text) +
           kNames.at(static_cast<std::size_t>(binary->operation)) +
           (binary->return_bool ? "bool" : "") + shape(*binary->right, text) + ")";
  }
  if (const auto* negation = std::get_if<expression::Negation>(&syntax.node)) {
    return "(-" + shape(*negation->operand, text) + ")";
  }
  return text.substr(syntax.begin, syntax.end - syntax.begin);
}

std::string shape(const std::string& text) {
  const auto parsed = Expression::parse(text);
  return parsed.has_error() ? parsed.error().text : shape(parsed->syntax(), text);
}

TEST(ExpressionParser, PrecedenceIsPromql) {
  EXPECT_EQ(shape("1+2*3"), "(1+(2*3))");
  EXPECT_EQ(shape("2^3^2"), "(2^(3^2))");
  EXPECT_EQ(shape("-2^2"), "(-(2^2))");
  EXPECT_EQ(shape("-a*b"), "((-a)*b)");
  EXPECT_EQ(shape("2^-1*3"), "((2^(-1))*3)");
  EXPECT_EQ(shape("a-b-c"), "((a-b)-c)");
  EXPECT_EQ(shape("a or b and c == 1 + 2"), "(aor(band(c==(1+2))))");
  EXPECT_EQ(shape("a unless b and c"), "((aunlessb)andc)");
  EXPECT_EQ(shape("a == bool b != c"), "((a==boolb)!=c)");
  EXPECT_EQ(shape("(1+2)*3"), "((1+2)*3)");
  EXPECT_EQ(shape("a AND b Or c"), "((aandb)orc)");
}

TEST(ExpressionParser, SelectorsCarryEverything) {
  const auto parsed =
      Expression::parse(R"(x:y_total{a="1",b!='2',c=~"r|s",d!~`t\d`,}[1m30s] offset 100ms)");
  ASSERT_TRUE(parsed.has_error());  // a range vector on its own
  EXPECT_THAT(parsed.error().text, HasSubstr("range vector"));
  const auto rate =
      Expression::parse(R"(rate(x:y_total{a="1",b!='2',c=~"r|s",d!~`t\d`,}[1m30s] offset 100ms))");
  ASSERT_TRUE(rate.has_value()) << rate.error().text;
  const auto& call = std::get<expression::Call>(rate->syntax().node);
  EXPECT_EQ(call.function, expression::Function::kRate);
  const auto& selector = std::get<expression::Selector>(call.argument->node);
  EXPECT_EQ(selector.metric, "x:y_total");
  EXPECT_EQ(selector.range, std::chrono::seconds(90));
  EXPECT_EQ(selector.offset, std::chrono::milliseconds(100));
  ASSERT_EQ(selector.matchers.size(), 4U);
  EXPECT_TRUE(selector.matchers[2].accepts("r"));
  EXPECT_FALSE(selector.matchers[2].accepts("rs"));
  EXPECT_FALSE(selector.matchers[3].accepts("t7"));
  EXPECT_TRUE(selector.matchers[3].accepts("t77"));
}

TEST(ExpressionParser, MetricNamesLeaveOutAbsent) {
  const auto parsed = Expression::parse("absent(gone) or sum by (node) (b + rate(a[5s]))");
  ASSERT_TRUE(parsed.has_value()) << parsed.error().text;
  EXPECT_THAT(parsed->metric_names(), ElementsAre("a", "b"));
}

TEST(ExpressionParser, WhatIsOutsideTheSubsetIsNamed) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"irate(x[5s])", "the function irate"},
      {"label_replace(x, \"a\", \"b\", \"c\", \"d\")", "the function label_replace"},
      {"topk(3, x)", "the aggregation topk"},
      {"quantile by (a) (0.9, x)", "the aggregation quantile"},
      {"x * on(a) group_left() y", "group_left"},
      {"rate(x[5m:1m])", "subqueries"},
      {"rate(x[5m a])", "subqueries"},
      {"max_over_time(rate(x[5s])[1m:1s])", "subquery"},
      {"x @ 123", "the @ modifier"},
      {"{a=\"b\"}", "a selector without a metric's name"},
      {"x{__name__=\"b\"}", "the label __name__"},
      {"\"text\"", "a string as a value"},
      {"sum(x @ 123)", "the @ modifier"},
      {"sum(x offset 5s @ end())", "the @ modifier"},
      {"sum((rate(x[5s]))[1m:1s])", "subquery"},
      {"rate((x)[5s])", "subquery"},
      {"x == and", "a metric with the name of the keyword and"},
      {"by", "a metric with the name of the keyword by"},
      {"x atan2 y", "atan2"},
  };
  for (const auto& [text, what] : cases) {
    EXPECT_THAT(error_of(text), HasSubstr("not in halfopen's subset of PromQL: ")) << text;
    EXPECT_THAT(error_of(text), HasSubstr(what)) << text;
  }
}

TEST(ExpressionParser, ErrorsNameTheColumnAndWhatWasExpected) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"", "column 1: expected an expression, found the end"},
      {"1 +", "column 4: expected an expression, found the end"},
      {"x{a=1}", "column 5: expected a quoted string, found \"1\""},
      {"x{a}", "column 4: expected =, !=, =~ or !~, found \"}\""},
      {"x == == 1", "column 6: expected an expression, found \"==\""},
      {"x = 1", "column 3: expected an operator (equality is ==), found \"=\""},
      {"(x", "column 3: expected \")\" or an operator, found the end"},
      {"rate(x)", "column 6: rate() takes a range vector, and this is an instant vector"},
      {"rate()", "column 6: expected a range vector, found \")\""},
      {"abs(x[5s])", "column 5: abs() takes an instant vector, and this is a range vector"},
      {"abs(x, y)", "column 6: abs() takes no further argument"},
      {"rat(x[5s])", "column 1: there is no function rat; did you mean \"rate\"?"},
      {"quantile_over_time(x[5s])",
       "column 20: quantile_over_time() takes a number first, and this is a range vector"},
      {"histogram_quantile(0.5)", "column 23: expected \",\" and what histogram_quantile() is of"},
      {"histogram_quantile()", "column 20: expected a number, found \")\""},
      {"histogram_quantile(x, y)",
       "column 20: histogram_quantile() takes a number first, and this is an instant vector"},
      {"histogram_quantile(0.5, x[5s])", "column 25: histogram_quantile() takes an instant vector"},
      {"1e400", "column 1: \"1e400\" is no number that a computer can hold"},
      {"0x", "column 1: \"0x\" is no number"},
      {"x{a=\"\\q\"}", "column 6: this is no escape in a string"},
      {"x{a=\"b\nc\"}", "column 5: this string does not end"},
      {"x{a=~\"(a)\\\\1\"}", "column 6: the regular expression \"(a)\\1\" is malformed"},
      {"x{a=~\"(?=a)\"}", "column 6: the regular expression \"(?=a)\" is malformed"},
      {"time(1)", "column 6: expected \")\", found \"1\""},
      {"sum(1)", "column 5: sum takes an instant vector, and this is a number"},
      {"1 == 2", "column 3: a comparison of two numbers must say bool: 1 < bool 2"},
      {"1 and x", "column 3: and takes an instant vector on both sides"},
      {"x + on(a) 1", "column 5: on and ignoring need an instant vector on both sides"},
      {"x + bool y", "column 5: bool is only for comparisons"},
      {"x[5]", "column 3: expected a duration such as 5s, found \"5\""},
      {"x[0s]", "column 3: a duration must be longer than 0"},
      {"x offset 0s", "column 10: a duration must be longer than 0"},
      {"x[200y]",
       "column 3: \"200y\" is neither a number nor a duration such as 5s, 1m30s, 100ms (100 years"},
      {"x[5s1m]", "column 3: \"5s1m\" is neither a number nor a duration"},
      {"x + y[5s]", "column 5: an operand of + is an instant vector or a number"},
      {"abs(x) offset 5s", "column 8: offset belongs directly after a selector"},
      {"x{a=\"b", "column 5: this string does not end"},
      {"x{a=~\"[\"}", "column 6: the regular expression \"[\" is malformed"},
      {"x $ y", "column 3: unexpected character \"$\""},
      {"on", "column 1: expected an expression, found \"on\""},
      {"sum by (inf) (x)", "column 9: expected a label's name, found \"inf\""},
      {"5s", "column 1: a duration belongs in"},
      {"x[.5s]", "column 3: \".5s\" is neither a number nor a duration"},
      {"x[1.5s]", "column 3: \"1.5s\" is neither a number nor a duration"},
      {"12abc", "column 1: \"12abc\" is neither a number nor a duration"},
  };
  for (const auto& [text, message] : cases) {
    EXPECT_THAT(error_of(text), HasSubstr(message)) << text;
  }
}

TEST(ExpressionParser, OffsetsLookBackOrAhead) {
  const auto offset_of = [](const std::string& text) {
    const auto parsed = Expression::parse(text);
    return parsed.has_error() ? Duration{}
                              : std::get<expression::Selector>(parsed->syntax().node).offset;
  };
  EXPECT_EQ(offset_of("x offset 1h30m"), std::chrono::minutes(90));
  EXPECT_EQ(offset_of("x OFFSET -2s"), -std::chrono::seconds(2));
  EXPECT_THAT(error_of("x offset +2s"), HasSubstr("expected a duration such as 5s, found \"+\""));
}

TEST(ExpressionParser, StringsEscapeAsInGo) {
  const auto text_of = [](const std::string& text) {
    const auto parsed = Expression::parse("x{a=" + text + "}");
    return parsed.has_error()
               ? parsed.error().text
               : std::get<expression::Selector>(parsed->syntax().node).matchers.at(0).text;
  };
  EXPECT_EQ(text_of(R"("a\tb\"c\\")"), "a\tb\"c\\");
  EXPECT_EQ(text_of(R"('it\'s "x"')"), "it's \"x\"");
  EXPECT_EQ(text_of(R"(`\d"'`)"), R"(\d"')");
  EXPECT_EQ(text_of(R"("\x41\101\u00e9\U0001F600")"), "AA\xC3\xA9\xF0\x9F\x98\x80");
  for (const std::string bad : {R"("\'")", R"('\"')", R"("\x4")", R"("\777")", R"("\ud800")",
                                R"("\U00110000")", R"("\8")"}) {
    EXPECT_THAT(text_of(bad), HasSubstr("this is no escape in a string")) << bad;
  }
  EXPECT_THAT(text_of("\"\\"), HasSubstr("this is no escape"));
}

TEST(ExpressionParser, NumbersAreGos) {
  const auto number_of = [](const std::string& text) {
    const auto parsed = Expression::parse(text);
    return parsed.has_error() ? -1 : std::get<expression::Number>(parsed->syntax().node).value;
  };
  EXPECT_EQ(number_of("010"), 8);
  EXPECT_EQ(number_of("08"), 8);
  EXPECT_EQ(number_of("0x1e5"), 0x1e5);
  EXPECT_EQ(number_of("5."), 5);
  EXPECT_EQ(number_of(".5e-1"), 0.05);
  EXPECT_EQ(number_of("1e-999"), 0);
  EXPECT_EQ(number_of("99999999999999999999"), 1e20);
  for (const std::string bad : {"1e", "0b1", "1_0", "0x1p2", "0x1.8", "0xFFFFFFFFFFFFFFFFF"})
    EXPECT_NE(error_of(bad), "") << bad;
}

TEST(ExpressionParser, AggregatorNamesAreMetricsWhereNothingIsAggregated) {
  EXPECT_EQ(error_of("sum"), "");
  EXPECT_EQ(error_of("count{a=\"b\"} == 1"), "");
}

TEST(ExpressionParser, GroupingStandsOnEitherSide) {
  for (const std::string text : {"sum by (b, a,) (x)", "sum(x) by (a,b)"}) {
    const auto parsed = Expression::parse(text);
    ASSERT_TRUE(parsed.has_value()) << parsed.error().text;
    const auto& node = std::get<expression::Aggregation>(parsed->syntax().node);
    EXPECT_FALSE(node.without);
    EXPECT_THAT(node.labels, ElementsAre("a", "b"));
  }
}

TEST(ExpressionParser, LengthAndDepthAreLimited) {
  EXPECT_THAT(error_of(std::string(5000, ' ') + "1"), HasSubstr("longer than 4096"));
  for (const std::string opening : {"(", "-", "abs(", "2^", "sum(", "absent("}) {
    std::string deep;
    for (int i = 0; i < 500; ++i)
      deep += opening;
    EXPECT_THAT(error_of(deep + "x"), HasSubstr("nested more than 100 deep")) << opening;
  }
  std::string chain = "1";
  for (int i = 0; i < 1000; ++i)
    chain += "+1";
  EXPECT_THAT(error_of(chain), HasSubstr("nested more than 100 deep"));
}

}  // namespace
}  // namespace halfopen

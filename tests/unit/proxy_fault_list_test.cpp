// The table of `fault-proxy faults` says what the registry knows, no more and no less.
#include "proxy/shell/fault_list.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proxy/core/fault.hpp"
#include "proxy/shell/fault_profile.hpp"

namespace halfopen {
namespace {

using ::testing::HasSubstr;

// "-n cut -a at=inside -a direction=both" as the attributes that ctl would send.
boost::json::object attributes_of_example(std::string_view example) {
  boost::json::object attributes;
  for (auto at = example.find("-a "); at != std::string_view::npos;
       at = example.find("-a ", at + 3)) {
    const std::string pair(example.substr(at + 3, example.find(' ', at + 3) - at - 3));
    const auto equals = pair.find('=');
    const std::string text = pair.substr(equals + 1);
    boost::system::error_code error;
    auto parsed = boost::json::parse(text, error);
    attributes[pair.substr(0, equals)] = error ? boost::json::value(text) : parsed;
  }
  return attributes;
}

TEST(FaultList, NamesEveryTypeInTheRegistrysOrder) {
  const auto names = fault_type_names();
  const auto helps = fault_helps();
  ASSERT_EQ(helps.size(), names.size());
  for (std::size_t i = 0; i < names.size(); ++i)
    EXPECT_EQ(helps[i].type, names[i]);
}

TEST(FaultList, NamesEveryAttributeAndNoOther) {
  for (const FaultHelp& help : fault_helps()) {
    std::vector<std::string_view> told;
    for (const AttributeHelp& attribute : help.attributes)
      if (!attribute.name.empty()) told.push_back(attribute.name);
    const auto known = attribute_names(help.type);
    EXPECT_THAT(told, ::testing::UnorderedElementsAreArray(known.begin(), known.end()))
        << help.type;
  }
}

TEST(FaultList, EveryExampleIsTaken) {
  for (const FaultHelp& help : fault_helps()) {
    const auto read =
        read_fault_config(help.type, attributes_of_example(help.example), "attributes");
    EXPECT_TRUE(read.has_value()) << help.type << ": " << read.error().text;
  }
}

TEST(FaultList, LinesFitATerminal) {
  const std::string text = faults_text("");
  for (std::size_t start = 0; start < text.size();) {
    const auto end = text.find('\n', start);
    ASSERT_NE(end, std::string::npos);
    EXPECT_LE(end - start, 100U) << text.substr(start, end - start);
    start = end + 1;
  }
}

TEST(FaultList, OneTypeIsItsOwnLinesAndAnUnknownOneIsNothing) {
  EXPECT_THAT(faults_text("flap"), HasSubstr("ctl add web -t flap -a up=10s"));
  EXPECT_EQ(faults_text("flap").find("latency"), std::string::npos);
  EXPECT_EQ(faults_text("earthquake"), "");
}

}  // namespace
}  // namespace halfopen

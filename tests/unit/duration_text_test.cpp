#include "base/duration_text.hpp"

#include <gtest/gtest.h>

namespace halfopen {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(DurationText, ReadsWhatPeopleWrite) {
  EXPECT_EQ(*parse_duration("250ms"), milliseconds(250));
  EXPECT_EQ(*parse_duration("3s"), seconds(3));
  EXPECT_EQ(*parse_duration("1.5s"), milliseconds(1500));
  EXPECT_EQ(*parse_duration("1m30s"), seconds(90));
  EXPECT_EQ(*parse_duration("2h4m"), minutes(124));
  EXPECT_EQ(*parse_duration("0"), Duration{0});
}

TEST(DurationText, RefusesWhatHasNoUnitOrNoSense) {
  for (const char* text : {"", "30", "s", "3 s", "-1s", "3x", "1s1m", "1s1s", "nan", "inf", "1e3s",
                           "999999999d", "3s "}) {
    EXPECT_TRUE(parse_duration(text).has_error()) << text;
  }
}

TEST(DurationText, FormatIsReadBackExactly) {
  for (const char* text :
       {"0s", "41s", "1m30s", "250ms", "1h1ns", "1d2h", "6401d2h17m32s159ms700us17ns"}) {
    EXPECT_EQ(format_duration(*parse_duration(text)), text);
  }
}

}  // namespace
}  // namespace halfopen

#include "base/printable_text.hpp"

#include <gtest/gtest.h>

namespace halfopen {
namespace {

TEST(PrintableText, WhatATerminalObeysBecomesASpace) {
  EXPECT_EQ(printable("a\x1b[31mb\r\nc\td\x7f", 100), "a [31mb  c d ");
  EXPECT_EQ(printable("a\xC2\x9B"
                      "31m",
                      100),
            "a 31m")
      << "CSI of C1";
  EXPECT_EQ(printable("a\xE2\x80\xAE"
                      "b",
                      100),
            "a b")
      << "right-to-left override";
  EXPECT_EQ(printable(std::string_view("a\0b", 3), 100), "a b");
}

TEST(PrintableText, WhatIsNoUtf8BecomesTheReplacement) {
  EXPECT_EQ(printable("a\xFF"
                      "b",
                      100),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(printable("\xC3", 100), "\xEF\xBF\xBD") << "cut in its middle";
  EXPECT_EQ(printable("\xC0\xAF", 100), "\xEF\xBF\xBD\xEF\xBF\xBD") << "an overlong slash";
  EXPECT_EQ(printable("\xED\xA0\x80", 100), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD")
      << "a surrogate";
  EXPECT_EQ(printable("\xF4\x90\x80\x80", 3), "\xEF\xBF\xBD...") << "beyond U+10FFFF";
  EXPECT_EQ(printable("gr\xC3\xBC\xC3\x9F \xF0\x9F\x99\x82", 100),
            "gr\xC3\xBC\xC3\x9F \xF0\x9F\x99\x82");
}

TEST(PrintableText, IsCutBetweenTwoCharacters) {
  EXPECT_EQ(printable("ab\xC3\xBC", 4), "ab\xC3\xBC");
  EXPECT_EQ(printable("ab\xC3\xBC", 3), "ab...");
  EXPECT_EQ(printable("abc", 3), "abc");
  EXPECT_EQ(printable("", 0), "");
}

TEST(PrintableText, ValidUtf8KeepsControlCharacters) {
  EXPECT_EQ(valid_utf8("a\x1b\xFF\n"), "a\x1b\xEF\xBF\xBD\n");
}

TEST(PrintableText, XmlCarriesNoControlCharacterButThree) {
  EXPECT_EQ(xml_text("a\tb\nc\r<&\x1b\x01"), "a\tb\nc\r<&\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(xml_text("\xEF\xBF\xBE"), "\xEF\xBF\xBD") << "U+FFFE";
}

}  // namespace
}  // namespace halfopen

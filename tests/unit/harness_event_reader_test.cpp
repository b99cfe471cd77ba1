#include "harness/shell/event_reader.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "harness/shell/run_directory.hpp"

namespace halfopen {
namespace {

TEST(EventReader, ReadsWhatIsThereAndCountsWhatIsNot) {
  const auto folder = make_temporary_directory();
  ASSERT_TRUE(folder.has_value());
  const std::string path = *folder + "/events.jsonl";
  std::ofstream(path)
      << R"({"mono_ns":5,"program":"vote-node","node":"n1","event":"send","peer":"n2"})"
      << "\nnot json\n{\"event\":\"no time\"}\n{\"mono_ns\":6,\"eve";
  const ReadEvents read = read_event_file(path);
  ASSERT_EQ(read.events.size(), 1U);
  EXPECT_EQ(read.unreadable_lines, 2U) << "the torn last one is granted";
  EXPECT_EQ(read.events[0].at.nanoseconds(), 5);
  EXPECT_EQ(read.events[0].node, "n1");
  EXPECT_EQ(read.events[0].text("peer"), "n2");
  EXPECT_EQ(read.events[0].text("nothing"), "");
  remove_directory(*folder);
}

TEST(EventReader, DamageIsToldByWhoseItIs) {
  const auto folder = make_temporary_directory();
  ASSERT_TRUE(folder.has_value());
  const std::string good = R"({"mono_ns":6,"program":"vote-node","node":"n1","event":"send"})";
  std::ofstream(*folder + "/n1.events.jsonl") << good << "\nnot json\n" << good << "\n\n";
  std::ofstream(*folder + "/n2.events.jsonl") << R"({"mono_ns":5,"event":"a"})"
                                              << "\n{\"mono";
  const RunEvents damaged =
      read_event_files({*folder + "/n1.events.jsonl", *folder + "/n2.events.jsonl"});
  EXPECT_EQ(damaged.damage, "the events of n1 are damaged: 2 lines");
  ASSERT_EQ(damaged.events.size(), 3U);
  EXPECT_EQ(damaged.events[0].at.nanoseconds(), 5) << "in time order";
  const RunEvents torn =
      read_event_files({*folder + "/n2.events.jsonl", *folder + "/none.events.jsonl"});
  EXPECT_EQ(torn.damage, "");
  EXPECT_EQ(torn.events.size(), 1U);
  remove_directory(*folder);
}

TEST(EventReader, AFileThatDoesNotExistHasNoEvents) {
  EXPECT_TRUE(read_event_file("/nowhere/events.jsonl").events.empty());
}

}  // namespace
}  // namespace halfopen

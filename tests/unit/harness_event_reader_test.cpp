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
  EXPECT_EQ(read.unreadable_lines, 3U);
  EXPECT_EQ(read.events[0].at.nanoseconds(), 5);
  EXPECT_EQ(read.events[0].node, "n1");
  EXPECT_EQ(read.events[0].text("peer"), "n2");
  EXPECT_EQ(read.events[0].text("nothing"), "");
  remove_directory(*folder);
}

TEST(EventReader, AFileThatDoesNotExistHasNoEvents) {
  EXPECT_TRUE(read_event_file("/nowhere/events.jsonl").events.empty());
}

}  // namespace
}  // namespace halfopen

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
  EXPECT_EQ(damaged.damage,
            "the events of n1 are damaged: 2 lines, the first is n1.events.jsonl:2");
  ASSERT_EQ(damaged.events.size(), 3U);
  EXPECT_EQ(damaged.events[0].at.nanoseconds(), 5) << "in time order";
  const RunEvents torn =
      read_event_files({*folder + "/n2.events.jsonl", *folder + "/none.events.jsonl"});
  EXPECT_EQ(torn.damage, "");
  EXPECT_EQ(torn.events.size(), 1U);
  remove_directory(*folder);
}

// What a file of these bytes is read as.
RunEvents read_text(const std::string& text) {
  const auto folder = make_temporary_directory();
  const std::string path = *folder + "/n1.events.jsonl";
  std::ofstream(path) << text;
  RunEvents events = read_event_files({path});
  remove_directory(*folder);
  return events;
}

TEST(EventReader, AProcessThatWasKilledInMidWriteAndStartedAgainIsNoDamage) {
  const std::string whole =
      R"({"mono_ns":6,"program":"vote-node","node":"n1","event":"send","text":"a \"{ b"})";
  const std::string started =
      R"({"mono_ns":9,"program":"vote-node","node":"n1","event":"started","pid":7})";
  for (std::size_t cut = 1; cut <= whole.size(); ++cut) {
    std::string text = whole + "\n";
    text.append(whole, 0, cut).append(started).append("\n").append(whole).append("\n");
    const RunEvents read = read_text(text);
    EXPECT_EQ(read.damage, "") << cut;
    const bool lost_only_the_newline = cut == whole.size();
    ASSERT_EQ(read.events.size(), lost_only_the_newline ? 4U : 3U) << cut;
    EXPECT_EQ(read.events.back().event, "started") << cut;
    EXPECT_EQ(read.events[lost_only_the_newline ? 2 : 1].text("text"), "a \"{ b") << cut;
  }
}

TEST(EventReader, ALineThatLostItsEndOtherwiseIsDamage) {
  const std::string send = R"({"mono_ns":6,"program":"vote-node","node":"n1","event":"send"})";
  const std::string started = R"({"mono_ns":9,"program":"vote-node","event":"started"})";
  const std::string one = "the events of n1 are damaged: 1 line, n1.events.jsonl:1";
  EXPECT_EQ(read_text(send.substr(0, 20) + send + "\n" + send + "\n").damage, one);
  EXPECT_EQ(read_text("garbage" + started + "\n").damage, one);
  EXPECT_EQ(read_text(send.substr(0, 20) + started.substr(0, 30) + "\n").damage, one);
  EXPECT_EQ(read_text(send.substr(0, 20) + send + started + "\n").damage, one);
}

TEST(EventReader, AFileThatDoesNotExistHasNoEvents) {
  EXPECT_TRUE(read_event_file("/nowhere/events.jsonl").events.empty());
}

}  // namespace
}  // namespace halfopen

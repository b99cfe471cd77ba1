// Cells of a matrix with one fate, said together.
#include "harness/model/prediction/cell_groups.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "harness/model/prediction/prediction_text.hpp"

namespace halfopen {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<Axis> axes() {
  return {{"cause", {{"drop", ""}, {"reset", ""}, {"close", ""}}},
          {"defence", {{"none", ""}, {"ping", ""}}}};
}

Cell cell(const std::string& cause, const std::string& defence) {
  return {{"cause", cause}, {"defence", defence}};
}

EndPrediction end_of(const std::string& node, std::optional<int> found_after) {
  EndPrediction end;
  end.node = node;
  end.peer = "n2";
  end.fate = found_after ? EndPrediction::Fate::kDies : EndPrediction::Fate::kSurvives;
  if (found_after) {
    const Duration at = std::chrono::seconds(*found_after);
    end.death = ExpectedDeath{{"eof"}, at, 2 * at, at, "quiet", true};
  }
  return end;
}

TEST(CellGroups, TheSameFateIsOneGroupWithTheWidestTimes) {
  const auto groups =
      group_by_fate({{{end_of("n1", 3)}}, {{end_of("n1", std::nullopt)}}, {{end_of("n1", 1)}}});
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_THAT(groups[0].runs, ElementsAre(0, 2));
  EXPECT_EQ(groups[0].widest.ends[0].death->at_least, std::chrono::seconds(1));
  EXPECT_EQ(groups[0].widest.ends[0].death->at_most, std::chrono::seconds(6));
  EXPECT_THAT(groups[1].runs, ElementsAre(1));
  EXPECT_THAT(group_by_fate({}), IsEmpty());
}

TEST(CellGroups, ABlockNamesItsCellsAndNoOthers) {
  EXPECT_THAT(cell_blocks(axes(), {cell("drop", "none")}), ElementsAre("cause=drop, defence=none"));
  EXPECT_THAT(cell_blocks(axes(), {cell("reset", "none"), cell("drop", "none")}),
              ElementsAre("cause=drop|reset, defence=none"));
  EXPECT_THAT(cell_blocks(axes(), {cell("drop", "none"), cell("reset", "ping")}),
              ElementsAre("cause=drop, defence=none", "cause=reset, defence=ping"))
      << "drop, ping is not meant";
  EXPECT_THAT(cell_blocks(axes(), {cell("drop", "none"), cell("drop", "ping"),
                                   cell("reset", "none"), cell("reset", "ping")}),
              ElementsAre("cause=drop|reset, defence=any"));
  EXPECT_THAT(cell_blocks({{"only", {{"one", ""}}}}, {{{"only", "one"}}}), ElementsAre("only=one"));
}

TEST(CellGroups, EveryCellIsInOneBlock) {
  // Of each subset of the six cells, the blocks' sizes add up to the subset's.
  const std::vector<Cell> all{cell("drop", "none"),  cell("drop", "ping"),  cell("reset", "none"),
                              cell("reset", "ping"), cell("close", "none"), cell("close", "ping")};
  for (unsigned subset = 1; subset < 64; ++subset) {
    std::vector<Cell> cells;
    for (unsigned i = 0; i < 6; ++i) {
      if ((subset >> i & 1U) != 0) cells.push_back(all[i]);
    }
    std::size_t covered = 0;
    for (const std::string& block : cell_blocks(axes(), cells)) {
      const std::string causes = block.substr(0, block.find(','));
      const bool any_cause = causes == "cause=any";
      const auto bars = static_cast<std::size_t>(std::count(causes.begin(), causes.end(), '|'));
      covered += (any_cause ? 3 : bars + 1) * (block.ends_with("defence=any") ? 2 : 1);
    }
    EXPECT_EQ(covered, cells.size()) << subset;
  }
}

TEST(PredictionText, EndsOfOneFateShareALine) {
  EXPECT_EQ(prediction_lines(
                {{end_of("n1", std::nullopt), end_of("n4", 0), end_of("n3", std::nullopt)}}, "  "),
            "  n1 to n2, n3 to n2: survives\n"
            "  n4 to n2: dies, found by eof 0.0 s to 0.0 s after the FIN\n");
}

}  // namespace
}  // namespace halfopen

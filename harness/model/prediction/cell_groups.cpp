#include "harness/model/prediction/cell_groups.hpp"

#include <algorithm>
#include <set>

#include "harness/model/prediction/prediction_text.hpp"

namespace halfopen {
namespace {

// The values of each axis; a block is all their combinations.
using Block = std::vector<std::set<std::string>>;

Block block_of(const std::vector<Axis>& axes, const Cell& cell) {
  Block block;
  for (const Axis& axis : axes) {
    std::set<std::string> values;
    for (const auto& [name, value] : cell) {
      if (name == axis.name) values.insert(value);
    }
    block.push_back(std::move(values));
  }
  return block;
}

// The one axis in which two blocks differ; the number of axes where there is none, or more.
std::size_t only_difference(const Block& one, const Block& other) {
  std::size_t difference = one.size();
  for (std::size_t i = 0; i < one.size(); ++i) {
    if (one[i] == other[i]) continue;
    if (difference != one.size()) return one.size();
    difference = i;
  }
  return difference;
}

// Merges one pair; false where no pair can be.
bool merge_once(std::vector<Block>& blocks) {
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    for (std::size_t j = i + 1; j < blocks.size(); ++j) {
      const std::size_t axis = only_difference(blocks[i], blocks[j]);
      if (axis == blocks[i].size()) continue;
      blocks[i][axis].merge(blocks[j][axis]);
      blocks.erase(blocks.begin() + static_cast<std::ptrdiff_t>(j));
      return true;
    }
  }
  return false;
}

std::string text_of(const std::vector<Axis>& axes, const Block& block) {
  std::string text;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    text += (text.empty() ? "" : ", ") + axes[i].name + "=";
    if (axes[i].values.size() > 1 && block[i].size() == axes[i].values.size()) {
      text += "any";
      continue;
    }
    bool is_first = true;
    for (const auto& [value, title] : axes[i].values) {
      if (block[i].count(value) == 0) continue;
      text += (is_first ? "" : "|") + value;
      is_first = false;
    }
  }
  return text;
}

std::string fate_of(Prediction prediction) {
  for (EndPrediction& end : prediction.ends) {
    if (!end.death) continue;
    end.death->at_least = Duration{0};
    end.death->at_most = Duration{0};
  }
  return prediction_lines(prediction, "");
}

// Both have the same fate, so the same ends in the same order.
void widen(Prediction& widest, const Prediction& other) {
  for (std::size_t i = 0; i < std::min(widest.ends.size(), other.ends.size()); ++i) {
    auto& death = widest.ends[i].death;
    const auto& more = other.ends[i].death;
    if (!death || !more) continue;
    death->at_least = std::min(death->at_least, more->at_least);
    death->at_most = std::max(death->at_most, more->at_most);
  }
}

}  // namespace

std::vector<FateGroup> group_by_fate(const std::vector<Prediction>& predictions) {
  std::vector<std::string> fates;
  std::vector<FateGroup> groups;
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    const std::string fate = fate_of(predictions[i]);
    const auto known = std::find(fates.begin(), fates.end(), fate);
    if (known == fates.end()) {
      fates.push_back(fate);
      groups.push_back({predictions[i], {i}});
      continue;
    }
    FateGroup& group = groups[static_cast<std::size_t>(known - fates.begin())];
    group.runs.push_back(i);
    widen(group.widest, predictions[i]);
  }
  return groups;
}

std::vector<std::string> cell_blocks(const std::vector<Axis>& axes,
                                     const std::vector<Cell>& cells) {
  std::vector<Block> blocks;
  blocks.reserve(cells.size());
  for (const Cell& cell : cells)
    blocks.push_back(block_of(axes, cell));
  while (merge_once(blocks)) {
  }
  std::vector<std::string> texts;
  texts.reserve(blocks.size());
  for (const Block& block : blocks)
    texts.push_back(text_of(axes, block));
  return texts;
}

}  // namespace halfopen

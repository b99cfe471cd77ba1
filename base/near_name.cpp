#include "base/near_name.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace halfopen {
namespace {

// Names longer than this are not compared: a name is not a paragraph, and the work is quadratic.
constexpr std::size_t kComparedLengthMax = 64;
// A message stays one line that a person reads.
constexpr std::size_t kListedNamesMax = 24;

// Letters to insert, remove, replace, or swap with their neighbour: the slips of a typing hand
// (optimal string alignment, one row of the table at a time).
std::size_t edit_distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> before(right.size() + 1);
  std::vector<std::size_t> previous(right.size() + 1);
  std::vector<std::size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= left.size(); ++i) {
    before = previous;
    previous = row;
    row[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const std::size_t replaced = previous[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
      row[j] = std::min({replaced, row[j - 1] + 1, previous[j] + 1});
      if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
  }
  return row.back();
}

bool begins_as(std::string_view name, std::string_view candidate) {
  return !name.empty() && !candidate.empty() && name.front() == candidate.front();
}

}  // namespace

std::string near_name(std::string_view name, const std::vector<std::string>& known) {
  if (name.size() > kComparedLengthMax) return "";
  std::size_t best_distance = std::max<std::size_t>(1, (name.size() + 1) / 3) + 1;
  std::string best;
  for (const std::string& candidate : known) {
    if (candidate.size() > kComparedLengthMax) continue;
    const std::size_t distance = edit_distance(name, candidate);
    // Of two as near the one that begins the same: a slip is rarely in the first letter.
    const bool begins_better = distance == best_distance && !best.empty() &&
                               begins_as(name, candidate) && !begins_as(name, best);
    // A name of which nothing is left was not misspelt.
    if ((distance < best_distance || begins_better) && distance < candidate.size()) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

std::string expected_names(std::string_view name, const std::vector<std::string>& known) {
  if (known.empty()) return "there is none";
  const std::string near = near_name(name, known);
  std::string text = near.empty() ? "" : "did you mean \"" + near + "\"? ";
  text += known.size() == 1 ? "expected " : "expected one of ";
  const std::size_t listed = std::min(known.size(), kListedNamesMax);
  for (std::size_t i = 0; i < listed; ++i)
    text += (i == 0 ? "" : ", ") + known[i];
  if (listed < known.size()) text += ", ... (" + std::to_string(known.size()) + " in all)";
  return text;
}

}  // namespace halfopen

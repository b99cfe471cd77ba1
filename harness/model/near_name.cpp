#include "harness/model/near_name.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace halfopen {
namespace {

// Names longer than this are not compared: a name is not a paragraph, and the work is quadratic.
constexpr std::size_t kComparedLengthMax = 64;
// A message stays one line that a person reads.
constexpr std::size_t kListedNamesMax = 24;

// Levenshtein's distance, one row at a time.
std::size_t edit_distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < left.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < right.size(); ++j) {
      const std::size_t replaced = diagonal + (left[i] == right[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string near_name(std::string_view name, const std::vector<std::string>& known) {
  if (name.size() > kComparedLengthMax) return "";
  std::size_t best_distance = std::max<std::size_t>(1, name.size() / 3) + 1;
  std::string best;
  for (const std::string& candidate : known) {
    if (candidate.size() > kComparedLengthMax) continue;
    const std::size_t distance = edit_distance(name, candidate);
    // A name of which nothing is left was not misspelt.
    if (distance < best_distance && distance < candidate.size()) {
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

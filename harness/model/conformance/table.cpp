#include "harness/model/conformance/table.hpp"

#include <algorithm>

namespace halfopen::conformance {
namespace {

constexpr std::size_t kVerdictWidth = 13;
constexpr std::size_t kMarkWidth = 4;

std::string padded(const std::string& text, std::size_t width) {
  return text.size() >= width ? text : text + std::string(width - text.size(), ' ');
}

std::string line_of(const std::string& mark, const std::vector<std::string>& texts,
                    const std::vector<std::size_t>& widths) {
  std::string line = padded("", kMarkWidth) + padded(mark, kMarkWidth);
  for (std::size_t column = 0; column < texts.size(); ++column) {
    line += column + 1 == texts.size() ? texts[column] : padded(texts[column], widths[column] + 2);
  }
  while (!line.empty() && line.back() == ' ')
    line.pop_back();
  return line + "\n";
}

std::vector<std::string> texts_of(const Row& row) {
  std::vector<std::string> texts{row.name};
  texts.insert(texts.end(), row.values.begin(), row.values.end());
  texts.push_back(row.expected);
  return texts;
}

}  // namespace

std::string progress_line(const Case& test, const Comparison& comparison, unsigned repetition) {
  std::string line =
      padded(std::string(agreement_name(comparison.agreement)), kVerdictWidth) + test.id;
  if (repetition > 1) line += ", repetition " + std::to_string(repetition);
  if (!comparison.reason.empty()) line += ": " + comparison.reason;
  return line;
}

std::string case_table(const Case& test, const Comparison& comparison) {
  std::string text = padded(std::string(agreement_name(comparison.agreement)), kVerdictWidth) +
                     test.id + "\n    " + test.claim + "\n";
  if (!comparison.reason.empty()) return text + "    " + comparison.reason + "\n";
  std::vector<std::string> heading{"cell"};
  heading.insert(heading.end(), comparison.worlds.begin(), comparison.worlds.end());
  heading.emplace_back("expected");
  std::vector<std::vector<std::string>> lines{heading};
  for (const Row& row : comparison.rows)
    lines.push_back(texts_of(row));
  std::vector<std::size_t> widths(heading.size(), 0);
  for (const auto& line : lines) {
    for (std::size_t column = 0; column < std::min(line.size(), widths.size()); ++column)
      widths[column] = std::max(widths[column], line[column].size());
  }
  for (std::size_t index = 0; index < lines.size(); ++index) {
    const std::string mark = index == 0 ? "" : comparison.rows[index - 1].agrees ? "=" : "!";
    text += line_of(mark, lines[index], widths);
  }
  for (const std::string& note : comparison.notes)
    text += "        " + note + "\n";
  return text;
}

std::string repeated_table(const Case& test, const std::vector<Comparison>& repetitions) {
  if (repetitions.empty()) return "";
  std::string text = case_table(test, repetitions.front());
  for (std::size_t index = 1; index < repetitions.size(); ++index) {
    // One line less to read for everything that came out the same.
    const bool is_timing = test.ladder.has_value();
    if (repetitions[index].agreement == repetitions.front().agreement && !is_timing) continue;
    text +=
        "  repetition " + std::to_string(index + 1) + ": " + case_table(test, repetitions[index]);
  }
  return text;
}

std::string changes_of(const Case& test, const std::vector<Comparison>& repetitions) {
  std::string text = test.id + ":";
  for (const Comparison& comparison : repetitions) {
    text += text.back() == ':' ? " " : ", ";
    text += agreement_name(comparison.agreement);
  }
  return text;
}

std::string list_of(const std::vector<const Case*>& cases) {
  std::size_t width = 0;
  for (const Case* test : cases)
    width = std::max(width, test->id.size());
  std::string text;
  for (const Case* test : cases)
    text += padded(test->id, width + 2) + test->claim +
            (test->known_difference.empty() ? "\n" : " (known difference)\n");
  return text;
}

std::string counts_line(const Counts& counts) {
  const auto number = [](std::size_t count, const char* one, const char* many) {
    return std::to_string(count) + " " + (count == 1 ? one : many);
  };
  return number(counts.cases, "case", "cases") + ", " +
         number(counts.repetitions, "repetition", "repetitions") + ": " +
         std::to_string(counts.agree) + " agree, " + std::to_string(counts.disagree) +
         " disagree, " + std::to_string(counts.inconclusive) + " inconclusive, " +
         number(counts.changes, "verdict change", "verdict changes");
}

}  // namespace halfopen::conformance

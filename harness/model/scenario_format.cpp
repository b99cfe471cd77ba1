#include "harness/model/scenario_format.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <vector>

#include "harness/model/shape_parts.hpp"

namespace halfopen {
namespace {

using Lines = std::vector<std::string>;

Lines lines_of(const std::string& text) {
  Lines lines;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

std::string joined(const Lines& lines) {
  std::string text;
  for (const std::string& line : lines)
    text += line + "\n";
  return text;
}

Lines trim_ends(Lines lines) {
  for (std::string& line : lines) {
    while (!line.empty() && (line.back() == ' ' || line.back() == '\t' || line.back() == '\r'))
      line.pop_back();
  }
  return lines;
}

void drop_empty_end(Lines& lines) {
  while (!lines.empty() && lines.back().empty())
    lines.pop_back();
}

Lines squeeze_empty(const Lines& lines) {
  Lines kept;
  for (const std::string& line : lines) {
    if (line.empty() && (kept.empty() || kept.back().empty())) continue;
    kept.push_back(line);
  }
  drop_empty_end(kept);
  return kept;
}

// A key of the map at the top with what belongs to it: the comments directly above, its value.
struct Part {
  std::string key;
  Lines above;
  Lines lines;
};

struct Parts {
  Lines head;  // comments that belong to the file: those that it begins with
  std::vector<Part> parts;
  Lines tail;  // comments at the margin that it ends with
};

// The comments at the end of a part that stand at the margin belong to the next key.
Lines take_comments(Lines& lines) {
  std::size_t begin = lines.size();
  while (begin > 0 && !lines[begin - 1].empty() && lines[begin - 1].front() == '#')
    --begin;
  Lines comments(lines.begin() + static_cast<std::ptrdiff_t>(begin), lines.end());
  lines.resize(begin);
  return comments;
}

// With the empty lines above and between them.
Lines take_tail(Lines& lines) {
  std::size_t begin = lines.size();
  while (begin > 0 && (lines[begin - 1].empty() || lines[begin - 1].front() == '#'))
    --begin;
  Lines tail(lines.begin() + static_cast<std::ptrdiff_t>(begin), lines.end());
  lines.resize(begin);
  drop_empty_end(tail);
  return tail;
}

// Nothing where the map at the top is not written as keys at the margin, a line each.
std::optional<Parts> split(const Lines& lines, const Document& document) {
  Parts parts;
  Lines* into = &parts.head;
  std::size_t next = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const bool is_key = next < document.entries.size() &&
                        document.entries[next].key_mark.line == static_cast<int>(i) + 1;
    if (is_key) {
      if (document.entries[next].key_mark.column != 1) return std::nullopt;
      Part part{document.entries[next].key, take_comments(*into), {}};
      // What the file begins with is about the file, also directly above a key.
      if (next == 0 && parts.head.empty()) std::swap(parts.head, part.above);
      parts.parts.push_back(std::move(part));
      into = &parts.parts.back().lines;
      ++next;
    }
    into->push_back(lines[i]);
  }
  if (next != document.entries.size() || parts.parts.empty()) return std::nullopt;
  parts.tail = take_tail(parts.parts.back().lines);
  for (Part& part : parts.parts)
    drop_empty_end(part.lines);
  drop_empty_end(parts.head);
  return parts;
}

// "steps:" with its items at the margin: two further in, with all that belongs to them.
void indent_items(Part& part) {
  if (part.lines.size() < 2) return;
  const bool at_margin = std::any_of(part.lines.begin() + 1, part.lines.end(),
                                     [](const auto& line) { return line.starts_with("- "); });
  if (!at_margin) return;
  for (std::size_t i = 1; i < part.lines.size(); ++i) {
    if (!part.lines[i].empty()) part.lines[i] = "  " + part.lines[i];
  }
}

std::size_t place_of(const std::string& key) {
  const std::vector<std::string> keys = file_shape().key_names();
  return static_cast<std::size_t>(std::find(keys.begin(), keys.end(), key) - keys.begin());
}

// Puts the keys into the order of the language. A part that had an empty line above keeps it.
Lines arranged(const Lines& lines, const Document& document) {
  auto parts = split(lines, document);
  if (!parts) return lines;
  std::vector<bool> spaced;
  for (const DocumentEntry& entry : document.entries) {
    // Above the key and the comments that go with it.
    auto at = static_cast<std::size_t>(entry.key_mark.line - 1);
    while (at > 0 && !lines[at - 1].empty() && lines[at - 1].front() == '#')
      --at;
    spaced.push_back(at > 0 && lines[at - 1].empty());
  }
  std::vector<std::size_t> order(parts->parts.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t one, std::size_t other) {
    return place_of(parts->parts[one].key) < place_of(parts->parts[other].key);
  });
  Lines result = parts->head;
  for (const std::size_t index : order) {
    Part& part = parts->parts[index];
    indent_items(part);
    if (spaced[index] && !result.empty()) result.emplace_back();
    // Without it the comments above the first key would become the file's.
    const bool runs_on = !part.above.empty() || spaced.front();
    if (!spaced[index] && index == order.front() && !parts->head.empty() && runs_on) {
      result.emplace_back();
    }
    result.insert(result.end(), part.above.begin(), part.above.end());
    result.insert(result.end(), part.lines.begin(), part.lines.end());
  }
  result.insert(result.end(), parts->tail.begin(), parts->tail.end());
  return result;
}

bool same(const Document& one, const Document& other, bool is_top) {
  if (one.kind != other.kind || one.scalar != other.scalar || one.quoted != other.quoted ||
      one.items.size() != other.items.size() || one.entries.size() != other.entries.size()) {
    return false;
  }
  for (std::size_t i = 0; i < one.items.size(); ++i) {
    if (!same(one.items[i], other.items[i], false)) return false;
  }
  for (std::size_t i = 0; i < one.entries.size(); ++i) {
    const Document* value = &other.entries[i].value;
    if (is_top) {
      value = other.find(one.entries[i].key);
    } else if (one.entries[i].key != other.entries[i].key) {
      return false;
    }
    if (value == nullptr || !same(one.entries[i].value, *value, false)) return false;
  }
  return true;
}

}  // namespace

bool says_the_same(const Document& one, const Document& other) {
  return same(one, other, true);
}

Result<std::string> format_scenario(const std::string& text, const std::string& file) {
  HALFOPEN_TRY(meant, parse_yaml(text, file));
  std::string best = text;
  // Each change by itself: one that a block scalar cannot bear does not keep the others away.
  const std::vector<std::function<Lines(const Lines&, const Document&)>> changes{
      [](const Lines& lines, const Document&) { return trim_ends(lines); },
      [](const Lines& lines, const Document&) { return squeeze_empty(lines); }, arranged};
  for (const auto& change : changes) {
    HALFOPEN_TRY(now, parse_yaml(best, file));
    std::string candidate = joined(change(lines_of(best), now));
    const auto read = parse_yaml(candidate, file);
    if (read.has_value() && says_the_same(meant, *read)) best = std::move(candidate);
  }
  return best;
}

}  // namespace halfopen

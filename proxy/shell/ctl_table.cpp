#include "proxy/shell/ctl_table.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace halfopen {
namespace {

std::string aligned(const TableRow& row, const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t i = 0; i < row.size(); ++i) {
    line += row[i];
    if (i + 1 < row.size()) line.append(widths[i] - row[i].size() + 2, ' ');
  }
  return line + "\n";
}

std::string separated(const TableRow& row) {
  std::string line;
  for (const std::string& cell : row)
    line += (line.empty() ? "" : "\t") + cell;
  return line + "\n";
}

// Quoted where it could be taken for something else, or could make a terminal do something.
std::string word_of(const boost::json::object& object, std::string_view key) {
  const auto* found = object.if_contains(key);
  if (found == nullptr) return "";
  if (!found->is_string()) return boost::json::serialize(*found);
  const std::string_view text = found->get_string();
  const bool plain = std::all_of(text.begin(), text.end(), [](char letter) {
    return letter > ' ' && letter < '\x7f' && letter != '"' && letter != '=';
  });
  return plain && !text.empty() ? std::string(text) : boost::json::serialize(*found);
}

}  // namespace

std::string table_text(const TableRow& head, const std::vector<TableRow>& rows, bool for_people) {
  std::string text;
  if (!for_people) {
    for (const TableRow& row : rows)
      text += separated(row);
    return text;
  }
  std::vector<std::size_t> widths(head.size());
  for (std::size_t i = 0; i < head.size(); ++i) {
    widths[i] = head[i].size();
    for (const TableRow& row : rows)
      widths[i] = std::max(widths[i], row.at(i).size());
  }
  text = aligned(head, widths);
  for (const TableRow& row : rows)
    text += aligned(row, widths);
  return text;
}

std::string event_text(const std::string& json) {
  boost::system::error_code error;
  const auto parsed = boost::json::parse(json, error);
  const auto* event = error ? nullptr : parsed.if_object();
  if (event == nullptr) return json;
  // "2026-01-31T06:23:52.509Z": the day is known to who watches.
  std::string text = word_of(*event, "wall");
  text.erase(0, text.find('T') + 1);
  text += "  " + word_of(*event, "proxy");
  if (event->contains("conn")) text += " #" + word_of(*event, "conn");
  text += "  " + word_of(*event, "event");
  for (const auto& [key, value] : *event) {
    constexpr std::array<std::string_view, 7> kSaid{"mono_ns", "wall",  "program", "node",
                                                    "event",   "proxy", "conn"};
    const std::string_view name = key;
    if (std::find(kSaid.begin(), kSaid.end(), name) != kSaid.end()) continue;
    text += " " + std::string(name) + "=" + word_of(*event, name);
  }
  return text;
}

bool is_for_people() {
  return isatty(STDOUT_FILENO) != 0;
}

}  // namespace halfopen

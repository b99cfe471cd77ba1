#include "proxy/shell/ctl_table.hpp"

#include <unistd.h>

#include <algorithm>

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

bool is_for_people() {
  return isatty(STDOUT_FILENO) != 0;
}

}  // namespace halfopen

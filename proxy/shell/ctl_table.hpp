// Rows for people on a terminal, in columns with a head; for programs the same rows, separated by
// tabs and without one.
#pragma once

#include <string>
#include <vector>

namespace halfopen {

using TableRow = std::vector<std::string>;

[[nodiscard]] std::string table_text(const TableRow& head, const std::vector<TableRow>& rows,
                                     bool for_people);
// Whether standard output is a terminal.
[[nodiscard]] bool is_for_people();

}  // namespace halfopen

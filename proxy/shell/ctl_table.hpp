// Rows for people on a terminal, in columns with a head; for programs the same rows, separated by
// tabs and without one.
#pragma once

#include <string>
#include <vector>

namespace halfopen {

using TableRow = std::vector<std::string>;

[[nodiscard]] std::string table_text(const TableRow& head, const std::vector<TableRow>& rows,
                                     bool for_people);
// An event as `/events` sends it, in the order in which a person asks: when, whose, what, and the
// rest as key=value. What is no event is answered as it is.
[[nodiscard]] std::string event_text(const std::string& json);
// Whether standard output is a terminal.
[[nodiscard]] bool is_for_people();

}  // namespace halfopen

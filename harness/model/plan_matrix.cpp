#include "harness/model/plan_matrix.hpp"

#include <algorithm>

#include "harness/model/bind_fields.hpp"
#include "harness/model/shape_parts.hpp"

namespace halfopen {
namespace {

constexpr std::size_t kCellsMax = 256;

Result<AxisValue> read_value(const DocumentEntry& entry, const std::string& axis,
                             const DeclaredVariables& declared) {
  HALFOPEN_CHECK(check_id(entry.key, entry.key_mark, "the value name"));
  const std::string what = axis + "=" + entry.key;
  HALFOPEN_TRY(fields, Fields::of(entry.value, axis_value_shape(), what));
  AxisValue value;
  value.name = entry.key;
  value.title.kind = Document::Kind::kScalar;
  value.title.scalar = entry.key;
  value.title.quoted = true;
  if (const Document* title = fields.find("title")) {
    HALFOPEN_CHECK(read_text(*title, "\"title\""));
    value.title = *title;
  }
  if (const Document* vars = fields.find("vars")) {
    HALFOPEN_TRY(variables, read_declared(*vars, declared));
    value.variables = std::move(variables);
  }
  if (const Document* set = fields.find("set")) {
    HALFOPEN_TRY(paths, read_set(*set));
    value.set = std::move(paths);
  }
  return value;
}

Result<MatrixAxis> read_axis(const DocumentEntry& entry, const DeclaredVariables& declared) {
  HALFOPEN_CHECK(check_id(entry.key, entry.key_mark, "the axis name"));
  const std::vector<std::string> names = declared.names();
  if (std::find(names.begin(), names.end(), entry.key) != names.end()) {
    return problem_at(entry.key_mark, "\"" + entry.key +
                                          "\" is both an axis and a variable, so "
                                          "that a \"when\" could mean either; rename one");
  }
  HALFOPEN_CHECK(check_map(entry.value, "the axis \"" + entry.key + "\""));
  MatrixAxis axis{entry.key, {}};
  for (const DocumentEntry& value_entry : entry.value.entries) {
    HALFOPEN_TRY(value, read_value(value_entry, entry.key, declared));
    axis.values.push_back(std::move(value));
  }
  if (axis.values.empty()) {
    return problem_at(entry.key_mark, "the axis \"" + entry.key + "\" has no values");
  }
  return axis;
}

std::vector<std::string> names_of_axes(const Matrix& matrix) {
  std::vector<std::string> names;
  for (const MatrixAxis& axis : matrix.axes)
    names.push_back(axis.name);
  return names;
}

Result<const AxisValue*> read_value_of(const MatrixAxis& axis, const Document& name) {
  std::vector<std::string> names;
  for (const AxisValue& value : axis.values)
    names.push_back(value.name);
  HALFOPEN_TRY(chosen, read_known(name, "value of " + axis.name, names));
  return &*std::find_if(axis.values.begin(), axis.values.end(),
                        [&](const AxisValue& one) { return one.name == chosen; });
}

bool fits(const Cell& cell, const CellPattern& pattern) {
  for (std::size_t axis = 0; axis < cell.size(); ++axis) {
    const auto& values = pattern.values[axis];
    if (!values.empty() && std::find(values.begin(), values.end(), cell[axis]) == values.end()) {
      return false;
    }
  }
  return true;
}

bool fits_any(const Cell& cell, const std::vector<CellPattern>& patterns) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const CellPattern& pattern) { return fits(cell, pattern); });
}

Result<CellPattern> read_pattern(const Document& item, const std::string& what,
                                 const Matrix& matrix) {
  HALFOPEN_TRY(fields, Fields::of(item, "a cell of \"" + what + "\"", names_of_axes(matrix)));
  if (item.entries.empty()) {
    return problem_at(item.mark, "a cell of \"" + what + "\" names no axis; expected one as in {" +
                                     matrix.axes.front().name + ": " +
                                     matrix.axes.front().values.front().name + "}");
  }
  CellPattern pattern;
  for (const MatrixAxis& axis : matrix.axes) {
    auto& values = pattern.values.emplace_back();
    const Document* named = fields.find(axis.name);
    if (named == nullptr) continue;
    const bool is_list = named->kind == Document::Kind::kSequence;
    if (is_list) HALFOPEN_CHECK(read_texts(*named, "\"" + axis.name + "\""));
    for (const Document& name : is_list ? named->items : std::vector<Document>{*named}) {
      HALFOPEN_TRY(value, read_value_of(axis, name));
      values.push_back(value);
    }
  }
  return pattern;
}

// Each pattern must fit a cell that is there, or it is a mistake that nobody would see.
Result<void> read_patterns(const DocumentEntry& entry, Matrix& matrix) {
  HALFOPEN_CHECK(check_list(entry.value, "\"" + entry.key + "\" of the matrix"));
  const std::vector<Cell> present = cells_of(matrix);
  auto& patterns = entry.key == "include" ? matrix.include : matrix.exclude;
  std::vector<CellPattern> read;
  for (const Document& item : entry.value.items) {
    HALFOPEN_TRY(pattern, read_pattern(item, entry.key, matrix));
    const bool fits_one = std::any_of(present.begin(), present.end(),
                                      [&](const Cell& cell) { return fits(cell, pattern); });
    if (!fits_one) {
      return problem_at(item.mark,
                        "no cell of the matrix fits this; \"include\" has left it out "
                        "already, so remove it");
    }
    read.push_back(std::move(pattern));
  }
  patterns = std::move(read);
  if (cells_of(matrix).empty()) {
    return problem_at(entry.key_mark, "\"" + entry.key + "\" leaves no cell of the matrix");
  }
  return {};
}

bool chooses_cells(const std::string& key) {
  return key == "include" || key == "exclude";
}

}  // namespace

Result<Matrix> read_matrix(const Document& file, const DeclaredVariables& declared) {
  Matrix matrix;
  const Document* map = file.find("matrix");
  if (map == nullptr) return matrix;
  HALFOPEN_CHECK(check_map(*map, "\"matrix\""));
  std::size_t cells = 1;
  for (const DocumentEntry& entry : map->entries) {
    if (chooses_cells(entry.key)) continue;
    HALFOPEN_TRY(axis, read_axis(entry, declared));
    cells *= axis.values.size();
    if (cells > kCellsMax) {
      return problem_at(entry.key_mark,
                        "the matrix has more than " + std::to_string(kCellsMax) + " cells");
    }
    matrix.axes.push_back(std::move(axis));
  }
  if (matrix.axes.empty()) {
    return problem_at(map->mark, "\"matrix\" has no axis; remove it, or name one");
  }
  for (const char* key : {"include", "exclude"}) {
    for (const DocumentEntry& entry : map->entries) {
      if (entry.key == key) HALFOPEN_CHECK(read_patterns(entry, matrix));
    }
  }
  return matrix;
}

std::vector<Cell> cells_of(const Matrix& matrix) {
  std::vector<Cell> cells{Cell{}};
  for (const MatrixAxis& axis : matrix.axes) {
    std::vector<Cell> longer;
    for (const Cell& cell : cells) {
      for (const AxisValue& value : axis.values) {
        longer.push_back(cell);
        longer.back().push_back(&value);
      }
    }
    cells = std::move(longer);
  }
  std::erase_if(cells, [&](const Cell& cell) {
    return (!matrix.include.empty() && !fits_any(cell, matrix.include)) ||
           fits_any(cell, matrix.exclude);
  });
  return cells;
}

Result<Cell> find_cell(const Document& map, const Matrix& matrix) {
  HALFOPEN_TRY(fields, Fields::of(map, "\"cell\"", names_of_axes(matrix)));
  Cell cell;
  for (const MatrixAxis& axis : matrix.axes) {
    HALFOPEN_TRY(chosen, fields.need(axis.name));
    HALFOPEN_TRY(value, read_value_of(axis, *chosen));
    cell.push_back(value);
  }
  const std::vector<Cell> cells = cells_of(matrix);
  if (std::find(cells.begin(), cells.end(), cell) == cells.end()) {
    return problem_at(map.mark,
                      "the matrix leaves this cell out (\"include\", \"exclude\"); expected one "
                      "that is run");
  }
  return cell;
}

Result<Variables> read_declared(const Document& vars, const DeclaredVariables& declared) {
  HALFOPEN_TRY(variables, read_variable_map(vars, "\"vars\""));
  const std::vector<std::string> names = declared.names();
  for (const DocumentEntry& entry : vars.entries) {
    if (std::find(names.begin(), names.end(), entry.key) == names.end()) {
      return unknown_name(entry.key_mark, "variable", entry.key, names);
    }
  }
  return variables;
}

Result<Document> read_set(const Document& set) {
  HALFOPEN_CHECK(check_map(set, "\"set\""));
  if (set.entries.empty()) {
    return problem_at(set.mark, "\"set\" changes nothing; expected {/path/to/key: value}");
  }
  return set;
}

}  // namespace halfopen

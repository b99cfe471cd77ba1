#include "harness/model/plan_matrix.hpp"

#include <algorithm>

#include "harness/model/bind_fields.hpp"

namespace halfopen {
namespace {

constexpr std::size_t kCellsMax = 256;

Result<AxisValue> read_value(const DocumentEntry& entry, const std::string& axis,
                             const DeclaredVariables& declared) {
  HALFOPEN_CHECK(check_id(entry.key, entry.key_mark, "the value name"));
  const std::string what = axis + "=" + entry.key;
  HALFOPEN_TRY(fields, Fields::of(entry.value, what, {"title", "vars", "set"}));
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

}  // namespace

Result<Matrix> read_matrix(const Document& file, const DeclaredVariables& declared) {
  Matrix matrix;
  const Document* map = file.find("matrix");
  if (map == nullptr) return matrix;
  HALFOPEN_CHECK(check_map(*map, "\"matrix\""));
  std::size_t cells = 1;
  for (const DocumentEntry& entry : map->entries) {
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
  return cells;
}

Result<Cell> find_cell(const Document& map, const Matrix& matrix) {
  std::vector<std::string> axis_names;
  for (const MatrixAxis& axis : matrix.axes)
    axis_names.push_back(axis.name);
  HALFOPEN_TRY(fields, Fields::of(map, "\"cell\"", axis_names));
  Cell cell;
  for (const MatrixAxis& axis : matrix.axes) {
    HALFOPEN_TRY(chosen, fields.need(axis.name));
    std::vector<std::string> names;
    for (const AxisValue& value : axis.values)
      names.push_back(value.name);
    HALFOPEN_TRY(name, read_known(*chosen, "value of " + axis.name, names));
    const auto value = std::find_if(axis.values.begin(), axis.values.end(),
                                    [&](const AxisValue& one) { return one.name == name; });
    cell.push_back(&*value);
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

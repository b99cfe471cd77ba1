// `matrix:`: axes, their values, and what a value changes in a run of its own.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "harness/model/plan.hpp"
#include "harness/model/plan_variables.hpp"

namespace halfopen {

struct AxisValue {
  std::string name;
  Document title;  // with variables still in it
  Variables variables;
  Document set;  // a map of paths; empty without one
};

struct MatrixAxis {
  std::string name;
  std::vector<AxisValue> values;
};

// Some of the cells: for each axis the values that will do; none stands for any.
struct CellPattern {
  std::vector<std::vector<const AxisValue*>> values;  // in the axes' order
};

// No axis: one cell, the empty one.
struct Matrix {
  std::vector<MatrixAxis> axes;
  // Pointers into the axes' values: a Matrix moves, and is not copied.
  std::vector<CellPattern> include;  // only these cells; empty: all
  std::vector<CellPattern> exclude;  // ... without these

  Matrix() = default;
  Matrix(Matrix&&) = default;
  Matrix& operator=(Matrix&&) = default;
  Matrix(const Matrix&) = delete;
  Matrix& operator=(const Matrix&) = delete;
  ~Matrix() = default;
};

// The value of each axis, in the axes' order.
using Cell = std::vector<const AxisValue*>;

[[nodiscard]] Result<Matrix> read_matrix(const Document& file, const DeclaredVariables& declared);

// Every cell, in the file's order, the last axis fastest.
[[nodiscard]] std::vector<Cell> cells_of(const Matrix& matrix);

// The cell that a map {axis: value} names; each axis must be given, and the cell be there.
[[nodiscard]] Result<Cell> find_cell(const Document& map, const Matrix& matrix);

// A `set:` map, checked to be one.
[[nodiscard]] Result<Document> read_set(const Document& set);

// A `vars:` map of names that the file declares.
[[nodiscard]] Result<Variables> read_declared(const Document& vars,
                                              const DeclaredVariables& declared);

}  // namespace halfopen

// The report of `halfopen conformance` as text.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "harness/model/conformance/case.hpp"
#include "harness/model/conformance/comparison.hpp"

namespace halfopen::conformance {

// One line when a case ends: "AGREE     client-first-drop".
[[nodiscard]] std::string progress_line(const Case& test, const Comparison& comparison,
                                        unsigned repetition);

// Cell by cell: each world's value, and "=" or what was expected.
[[nodiscard]] std::string case_table(const Case& test, const Comparison& comparison);

// A case over its repetitions: the first table, and the table of each repetition that came out
// otherwise.
[[nodiscard]] std::string repeated_table(const Case& test,
                                         const std::vector<Comparison>& repetitions);

// "client-first-drop: AGREE, DISAGREE, AGREE"
[[nodiscard]] std::string changes_of(const Case& test, const std::vector<Comparison>& repetitions);

// Id and claim of each, for --list.
[[nodiscard]] std::string list_of(const std::vector<const Case*>& cases);

// "34 cases, 5 repetitions: 34 agree, 0 disagree, 0 inconclusive, 0 verdict changes"
struct Counts {
  std::size_t cases = 0;
  std::size_t repetitions = 0;
  std::size_t agree = 0;
  std::size_t disagree = 0;
  std::size_t inconclusive = 0;
  std::size_t changes = 0;
};
[[nodiscard]] std::string counts_line(const Counts& counts);

}  // namespace halfopen::conformance

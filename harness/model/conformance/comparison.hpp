// Whether the worlds agree on a case: with each other, and with what the case expects.
//
//   AGREE         every cell is the same in every world that was asked, and is the expected one;
//                 every time lies in its bound in every world
//   DISAGREE      a cell or a time differs
//   INCONCLUSIVE  a world could not say: nothing was compared
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/model/conformance/case.hpp"
#include "harness/model/conformance/observation.hpp"

namespace halfopen::conformance {

enum class Agreement : std::uint8_t { kAgree, kInconclusive, kDisagree };
[[nodiscard]] std::string_view agreement_name(Agreement agreement);

struct Seen {
  std::string world;  // "kernel", "proxy"
  Observation observation;
};

struct Row {
  std::string name;
  std::string expected;             // a cell's value, or a time's bound
  std::vector<std::string> values;  // one a world, in the order of the comparison's worlds
  bool agrees = false;
};

struct Comparison {
  Agreement agreement = Agreement::kInconclusive;
  std::vector<std::string> worlds;
  std::vector<Row> rows;
  std::string reason;              // of what is inconclusive, with its remedy
  std::vector<std::string> notes;  // "kernel: ..."
  bool is_internal = false;        // a worker failed by a bug of ours
};

[[nodiscard]] Comparison compare(const Case& test, const std::vector<Seen>& seen);

// A case's verdict over its repetitions: the worst one. `changed`: they were not all the same.
struct Repeated {
  Agreement worst = Agreement::kAgree;
  bool changed = false;
};
[[nodiscard]] Repeated combine(const std::vector<Comparison>& repetitions);

}  // namespace halfopen::conformance

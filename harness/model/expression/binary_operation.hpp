// Binary operators on evaluated operands, with PromQL's one-to-one matching of series by labels.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.hpp"
#include "harness/model/expression/evaluate.hpp"
#include "harness/model/expression/syntax.hpp"

namespace halfopen::expression {

inline constexpr const char* kNameLabel = "__name__";

// A sample of the filtered side (the left, or the right where the left is a number) that a
// comparison, `and` or `unless` let go.
struct Dropped {
  ExpressionSample sample;
  std::optional<double> against;  // the other value; nothing when there was no partner
};

struct Combined {
  ExpressionValue value;
  std::vector<Dropped> dropped;  // only of filters: comparisons without bool, and, unless
};

// When several series of one side that have the same matching labels are an error (many-to-many
// and many-to-one, which would need group_left).
enum class Strictness : std::uint8_t {
  kAlways,        // so that whether an expression is valid does not depend on the values
  kAsPrometheus,  // on the right where the left is not empty; on the left where two of them found
                  // the same partner and a comparison kept both
};

// Operands by the types in `binary`; a number is one sample without labels. In the left side's
// order.
[[nodiscard]] Result<Combined> combine(const Binary& binary, const ExpressionValue& left,
                                       const ExpressionValue& right, Strictness strictness);

// `labels` without the metric's name.
[[nodiscard]] SeriesLabels without_name(SeriesLabels labels);

// {a="b",c="d"}, or with the metric's name before it; "" for no labels.
[[nodiscard]] std::string labels_text(const SeriesLabels& labels);

}  // namespace halfopen::expression

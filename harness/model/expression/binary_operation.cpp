#include "harness/model/expression/binary_operation.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "base/assert.hpp"
#include "harness/model/expression/power.hpp"

namespace halfopen::expression {
namespace {

double arithmetic(Operator operation, double left, double right) {
  switch (operation) {
    case Operator::kPower:
      return power(left, right);
    case Operator::kMultiply:
      return left * right;
    case Operator::kDivide:
      return left / right;
    case Operator::kModulo:
      return std::fmod(left, right);
    case Operator::kAdd:
      return left + right;
    case Operator::kSubtract:
      return left - right;
    default:
      break;
  }
  HALFOPEN_ASSERT(false && "not arithmetic");
  return 0;
}

bool compare(Operator operation, double left, double right) {
  switch (operation) {
    case Operator::kEqual:
      return left == right;
    case Operator::kNotEqual:
      return left != right;
    case Operator::kGreater:
      return left > right;
    case Operator::kLess:
      return left < right;
    case Operator::kGreaterOrEqual:
      return left >= right;
    case Operator::kLessOrEqual:
      return left <= right;
    default:
      break;
  }
  HALFOPEN_ASSERT(false && "not a comparison");
  return false;
}

// The labels that pair series.
SeriesLabels signature(const Matching& matching, const SeriesLabels& labels) {
  SeriesLabels result;
  for (const auto& [label, value] : labels) {
    if (label == kNameLabel) continue;
    const bool listed = std::binary_search(matching.labels.begin(), matching.labels.end(), label);
    if (listed == matching.on) result.emplace(label, value);
  }
  return result;
}

using BySignature = std::map<SeriesLabels, const ExpressionSample*>;

Problem several(std::string_view side, const ExpressionSample& one, const ExpressionSample& other) {
  return Problem{"several series on the ",
                 side,
                 " have the same matching labels: ",
                 labels_text(one.labels),
                 " and ",
                 labels_text(other.labels),
                 "; match on more labels or aggregate that side"};
}

Result<BySignature> index(const Matching& matching, const ExpressionValue& side,
                          std::string_view side_name) {
  BySignature result;
  for (const ExpressionSample& sample : side) {
    const auto [place, added] = result.emplace(signature(matching, sample.labels), &sample);
    if (!added) return several(side_name, *place->second, sample);
  }
  return result;
}

Combined with_number(const Binary& binary, const ExpressionValue& vector, double number,
                     bool number_on_left) {
  Combined result;
  for (const ExpressionSample& sample : vector) {
    const double left = number_on_left ? number : sample.value;
    const double right = number_on_left ? sample.value : number;
    if (!is_comparison(binary.operation)) {
      result.value.push_back(
          {without_name(sample.labels), arithmetic(binary.operation, left, right)});
      continue;
    }
    const bool holds = compare(binary.operation, left, right);
    if (binary.return_bool) {
      result.value.push_back({without_name(sample.labels), holds ? 1.0 : 0.0});
    } else if (holds) {
      result.value.push_back(sample);
    } else {
      result.dropped.push_back({sample, number});
    }
  }
  return result;
}

// The labels of a result: the signature, and the left side's name where PromQL keeps it.
SeriesLabels joined_labels(const Binary& binary, const SeriesLabels& shared,
                           const ExpressionSample& left) {
  SeriesLabels labels = shared;
  const auto name = left.labels.find(kNameLabel);
  const bool filters = is_comparison(binary.operation) && !binary.return_bool;
  // `on` reduces the labels to those listed, and the name is none of them.
  if (filters && !binary.matching.on && name != left.labels.end()) labels.insert(*name);
  return labels;
}

Result<Combined> one_to_one(const Binary& binary, const ExpressionValue& left,
                            const ExpressionValue& right, Strictness strictness) {
  const bool filters = is_comparison(binary.operation) && !binary.return_bool;
  Combined result;
  if (strictness == Strictness::kAlways) {
    HALFOPEN_CHECK(index(binary.matching, left, "left"));
  } else if (left.empty()) {
    return result;
  }
  HALFOPEN_TRY(right_index, index(binary.matching, right, "right"));
  BySignature joined;
  for (const ExpressionSample& sample : left) {
    const SeriesLabels shared = signature(binary.matching, sample.labels);
    const auto partner = right_index.find(shared);
    if (partner == right_index.end()) {
      if (filters) result.dropped.push_back({sample, std::nullopt});
      continue;
    }
    const double other = partner->second->value;
    double value = sample.value;
    if (!is_comparison(binary.operation)) {
      value = arithmetic(binary.operation, sample.value, other);
    } else {
      const bool holds = compare(binary.operation, sample.value, other);
      if (filters && !holds) {
        result.dropped.push_back({sample, other});
        continue;
      }
      if (!filters) value = holds ? 1 : 0;
    }
    const auto [place, first] = joined.emplace(shared, &sample);
    if (!first) return several("left", *place->second, sample);
    result.value.push_back({joined_labels(binary, shared, sample), value});
  }
  return result;
}

Combined set_operation(const Binary& binary, const ExpressionValue& left,
                       const ExpressionValue& right) {
  // Sets of signatures: several series may share one here, as PromQL allows.
  std::map<SeriesLabels, double> in_right;
  for (const ExpressionSample& sample : right) {
    in_right.emplace(signature(binary.matching, sample.labels), sample.value);
  }
  Combined result;
  std::map<SeriesLabels, double> in_left;
  for (const ExpressionSample& sample : left) {
    const SeriesLabels labels = signature(binary.matching, sample.labels);
    in_left.emplace(labels, sample.value);
    const auto partner = in_right.find(labels);
    const bool in_both = partner != in_right.end();
    if (binary.operation == Operator::kOr || in_both == (binary.operation == Operator::kAnd)) {
      result.value.push_back(sample);
    } else {
      result.dropped.push_back(
          {sample, in_both ? std::optional<double>(partner->second) : std::nullopt});
    }
  }
  if (binary.operation != Operator::kOr) return result;
  for (const ExpressionSample& sample : right) {
    if (!in_left.contains(signature(binary.matching, sample.labels))) {
      result.value.push_back(sample);
    }
  }
  return result;
}

}  // namespace

Result<Combined> combine(const Binary& binary, const ExpressionValue& left,
                         const ExpressionValue& right, Strictness strictness) {
  if (is_set_operation(binary.operation)) return set_operation(binary, left, right);
  const bool left_is_number = binary.left->type == ValueType::kScalar;
  const bool right_is_number = binary.right->type == ValueType::kScalar;
  if (left_is_number) return with_number(binary, right, left.front().value, true);
  if (right_is_number) return with_number(binary, left, right.front().value, false);
  return one_to_one(binary, left, right, strictness);
}

SeriesLabels without_name(SeriesLabels labels) {
  labels.erase(kNameLabel);
  return labels;
}

std::string labels_text(const SeriesLabels& labels) {
  std::string name;
  std::string inner;
  for (const auto& [label, value] : labels) {
    if (label == kNameLabel) {
      name = value;
      continue;
    }
    if (!inner.empty()) inner += ",";
    inner.append(label).append("=\"").append(value).append("\"");
  }
  return inner.empty() ? name : name + "{" + inner + "}";
}

}  // namespace halfopen::expression

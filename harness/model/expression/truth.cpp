// What a condition's outermost form means: the table at Truth, in code. With Reading::kEvery each
// comparison, and, or and unless among its operands must hold as well, however deep; only what is
// inside an aggregation or absent() may filter freely.
#include "harness/model/expression/evaluate.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <utility>

#include "base/duration_text.hpp"
#include "harness/model/expression/evaluator.hpp"

namespace halfopen {
namespace {

using expression::Binary;
using expression::Dropped;
using expression::Evaluator;
using expression::Operator;
using expression::Syntax;
using expression::SyntaxPointer;

constexpr std::size_t kSamplesShown = 4;

// The operator, where the outermost form of a condition is one that filters.
const Binary* filter_of(const Syntax& syntax) {
  const auto* binary = std::get_if<Binary>(&syntax.node);
  if (binary == nullptr || binary->return_bool) return nullptr;
  const bool filters = expression::is_comparison(binary->operation) ||
                       expression::is_set_operation(binary->operation);
  return filters ? binary : nullptr;
}

bool is_nonzero(double value) {
  return !std::isnan(value) && value != 0;
}

// Joins at most kSamplesShown parts.
class Listing {
 public:
  void add(const std::string& part) {
    if (++count_ > kSamplesShown) return;
    text_ += (text_.empty() ? "" : ", ") + part;
  }
  [[nodiscard]] std::string text() const {
    if (count_ <= kSamplesShown) return text_;
    return text_ + " and " + std::to_string(count_ - kSamplesShown) + " more";
  }

 private:
  std::string text_;
  std::size_t count_ = 0;
};

class Judge {
 public:
  Judge(const std::string& text, const Evaluator& evaluator, const EvaluationSettings& settings)
      : text_(text), evaluator_(evaluator), settings_(settings) {}

  [[nodiscard]] Result<Truth> decide(const Syntax& syntax, Reading reading) const {
    const Binary* filter = filter_of(syntax);
    if (filter == nullptr) return bare(syntax, reading, false);
    if (expression::is_comparison(filter->operation)) return comparison(*filter, reading);
    return set_operation(*filter, reading);
  }

 private:
  [[nodiscard]] std::string source(const Syntax& syntax) const {
    return text_.substr(syntax.begin, syntax.end - syntax.begin);
  }

  // A sample has its metric's name, or is called by the expression that made it.
  [[nodiscard]] std::string sample_text(const ExpressionSample& sample, const Syntax& of) const {
    const bool named = sample.labels.contains(expression::kNameLabel);
    return (named ? "" : source(of)) + expression::labels_text(sample.labels) + " " +
           value_text(sample.value);
  }

  [[nodiscard]] std::string nothing_text(const Syntax& of) const {
    return "nothing: " + source(of) + " has no sample in the last " +
           format_duration(settings_.lookback);
  }

  // What a filter further inside let go never reaches the outermost form, `(x > 0) * 1 > 0`: the
  // first one in the chain of operands that does not hold for every series. An aggregation makes
  // one series of many on purpose, and absent() asks for what is not there.
  [[nodiscard]] Result<std::optional<Truth>> unmet_inside(const Syntax& syntax) const {
    if (filter_of(syntax) != nullptr) {
      HALFOPEN_TRY(truth, decide(syntax, Reading::kEvery));
      return truth.holds ? std::optional<Truth>() : std::optional<Truth>(std::move(truth));
    }
    if (const auto* binary = std::get_if<Binary>(&syntax.node)) return unmet_in_operands(*binary);
    if (const auto* negation = std::get_if<expression::Negation>(&syntax.node)) {
      return unmet_inside(*negation->operand);
    }
    const auto* call = std::get_if<expression::Call>(&syntax.node);
    const bool looks_through = call != nullptr && call->argument != nullptr &&
                               call->function != expression::Function::kAbsent;
    if (looks_through) return unmet_inside(*call->argument);
    return std::optional<Truth>();
  }

  [[nodiscard]] Result<std::optional<Truth>> unmet_in_operands(const Binary& binary) const {
    HALFOPEN_TRY(left, unmet_inside(*binary.left));
    if (left) return {std::move(left)};
    return unmet_inside(*binary.right);
  }

  [[nodiscard]] Result<Truth> bare(const Syntax& syntax, Reading reading,
                                   bool presence_is_enough) const {
    if (reading == Reading::kEvery) {
      HALFOPEN_TRY(unmet, unmet_inside(syntax));
      if (unmet) return *unmet;
    }
    HALFOPEN_TRY(value, evaluator_.value(syntax));
    const auto counts = [&](const ExpressionSample& sample) {
      return presence_is_enough || is_nonzero(sample.value);
    };
    Truth truth;
    const auto good = static_cast<std::size_t>(std::count_if(value.begin(), value.end(), counts));
    truth.holds = good > 0 && (reading == Reading::kAny || good == value.size());
    Listing listing;
    for (const bool failing : {true, false}) {
      for (const ExpressionSample& sample : value) {
        if (counts(sample) != failing) listing.add(sample_text(sample, syntax));
      }
    }
    truth.seen = value.empty() ? nothing_text(syntax) : listing.text();
    return truth;
  }

  [[nodiscard]] Result<Truth> comparison(const Binary& binary, Reading reading) const {
    if (reading == Reading::kEvery) {
      HALFOPEN_TRY(unmet, unmet_in_operands(binary));
      if (unmet) return *unmet;
    }
    HALFOPEN_TRY(combined, evaluator_.filtered(binary));
    const bool number_on_left = binary.left->type == expression::ValueType::kScalar;
    const Syntax& filtered_side = number_on_left ? *binary.right : *binary.left;
    const Syntax& other_side = number_on_left ? *binary.left : *binary.right;
    const bool other_is_number = other_side.type == expression::ValueType::kScalar;
    Truth truth;
    const bool something_left = !combined.value.empty();
    truth.holds = something_left && (reading == Reading::kAny || combined.dropped.empty());
    Listing listing;
    const bool show_dropped = !truth.holds;
    for (const Dropped& dropped : combined.dropped) {
      if (!show_dropped) break;
      std::string part = sample_text(dropped.sample, filtered_side);
      if (!dropped.against) {
        part += " (without a partner in " + source(other_side) + ")";
      } else if (!other_is_number) {
        part += " (against " + value_text(*dropped.against) + ")";
      }
      listing.add(part);
    }
    if (!show_dropped) {
      for (const ExpressionSample& sample : combined.value) {
        listing.add(sample_text(sample, filtered_side));
      }
    }
    truth.seen = listing.text().empty() ? nothing_text(filtered_side) : listing.text();
    return truth;
  }

  [[nodiscard]] Result<Truth> operand(const Syntax& syntax, Reading reading) const {
    if (filter_of(syntax) != nullptr) return decide(syntax, reading);
    return bare(syntax, reading, true);
  }

  [[nodiscard]] Result<Truth> set_operation(const Binary& binary, Reading reading) const {
    HALFOPEN_TRY(combined, evaluator_.filtered(binary));
    HALFOPEN_TRY(left, operand(*binary.left, reading));
    HALFOPEN_TRY(right, operand(*binary.right, reading));
    Truth truth;
    truth.seen = left.seen + "; " + right.seen;
    const bool something_left = !combined.value.empty();
    if (reading == Reading::kAny) {
      truth.holds = something_left;
    } else if (binary.operation == Operator::kOr) {
      truth.holds = left.holds || right.holds;
      if (!truth.holds && something_left) {
        HALFOPEN_TRY(covered, covers(binary, combined.value));
        truth.holds = covered;
      }
    } else {
      const bool right_is_good = binary.operation == Operator::kUnless || right.holds;
      truth.holds = something_left && left.holds && right_is_good && combined.dropped.empty();
    }
    if (!truth.holds && !combined.dropped.empty()) {
      const bool unless = binary.operation == Operator::kUnless;
      truth.seen +=
          std::string(unless ? "; excluded by unless: " : "; without a partner in and: ") +
          sample_text(combined.dropped.front().sample, *binary.left);
    }
    return truth;
  }

  // Every series that the condition looks at, before anything is filtered out.
  [[nodiscard]] Result<std::set<SeriesLabels>> looked_at(const Syntax& syntax) const {
    const Binary* filter = filter_of(syntax);
    std::set<SeriesLabels> result;
    if (filter != nullptr && filter->operation == Operator::kOr) {
      HALFOPEN_TRY(left, looked_at(*filter->left));
      HALFOPEN_TRY(right, looked_at(*filter->right));
      result.merge(left);
      result.merge(right);
      return result;
    }
    if (filter != nullptr) {
      const bool number_on_left = filter->left->type == expression::ValueType::kScalar;
      const Syntax& side = number_on_left ? *filter->right : *filter->left;
      if (expression::is_set_operation(filter->operation)) return looked_at(side);
      HALFOPEN_TRY(value, evaluator_.value(side));
      for (const auto& sample : value)
        result.insert(expression::without_name(sample.labels));
      return result;
    }
    HALFOPEN_TRY(value, evaluator_.value(syntax));
    for (const auto& sample : value)
      result.insert(expression::without_name(sample.labels));
    return result;
  }

  [[nodiscard]] Result<bool> covers(const Binary& either, const ExpressionValue& left_over) const {
    HALFOPEN_TRY(left, looked_at(*either.left));
    HALFOPEN_TRY(right, looked_at(*either.right));
    left.merge(right);
    for (const ExpressionSample& sample : left_over) {
      left.erase(expression::without_name(sample.labels));
    }
    return left.empty();
  }

  const std::string& text_;
  const Evaluator& evaluator_;
  const EvaluationSettings& settings_;
};

}  // namespace

Result<Truth> holds(const Expression& condition, const SeriesStore& store, Instant at,
                    const EvaluationSettings& settings, Reading reading) {
  const Evaluator evaluator(store, at, settings);
  HALFOPEN_CHECK(evaluator.metrics_exist(condition));
  return Judge(condition.text(), evaluator, settings).decide(condition.syntax(), reading);
}

}  // namespace halfopen

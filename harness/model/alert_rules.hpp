// Alert rules in Prometheus's own file form (metrics/rules/*.yaml, built in), as conditions over a
// run's samples. An alert is pending for a label set from the first evaluation that finds it, and
// firing once it has been found for `hold` without a gap.
//
// Rules are written for production, where a minute is short. `time_scale: 60` makes every `for` and
// every range and offset in the expression sixty times shorter; thresholds stay as they are.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "harness/model/document.hpp"
#include "harness/model/expression/expression.hpp"

namespace halfopen {

struct AlertRule {
  std::string name;
  Expression expression;
  Duration hold{};  // the rule's `for`
};

struct AlertRuleFile {
  std::string_view name;
  std::string_view text;
};
// The rule files of this program.
[[nodiscard]] const std::vector<AlertRuleFile>& alert_rule_files();

// The alerts of some files, read once and looked up often.
class AlertRules {
 public:
  [[nodiscard]] static Result<AlertRules> read(const std::vector<AlertRuleFile>& files);

  // In the files' order.
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  // The alert of this name, with its times divided by `time_scale` (1 or more) and at least 1 ms. A
  // Problem when there is none, or when its expression is outside the subset.
  [[nodiscard]] Result<AlertRule> find(const std::string& name, unsigned time_scale) const;

 private:
  std::vector<std::string> names_;
  std::vector<Document> rules_;  // each of the name at its place
};

// Those of this program.
[[nodiscard]] const Result<AlertRules>& built_in_alert_rules();

}  // namespace halfopen

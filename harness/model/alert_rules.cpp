#include "harness/model/alert_rules.hpp"

#include <algorithm>

#include "base/duration_text.hpp"
#include "base/near_name.hpp"
#include "harness/model/bind_fields.hpp"
#include "harness/model/document.hpp"
#include "harness/model/expression/lexer.hpp"

namespace halfopen {
namespace {

using std::chrono::milliseconds;

Duration scaled(Duration duration, unsigned time_scale) {
  if (duration <= Duration::zero()) return duration;
  const auto whole = std::chrono::duration_cast<milliseconds>(duration / time_scale);
  return std::max<Duration>(whole, milliseconds(1));
}

// The expression with each of its durations divided, from the last one to the first, so that the
// places of those that are left stay true.
Result<std::string> scaled_text(std::string text, unsigned time_scale) {
  HALFOPEN_TRY(tokens, expression::tokenize(text));
  for (auto token = tokens.rbegin(); token != tokens.rend(); ++token) {
    if (token->kind != expression::TokenKind::kDuration) continue;
    text.replace(token->begin, token->end - token->begin,
                 format_duration(scaled(token->duration, time_scale)));
  }
  return text;
}

// A rule with the key `alert`, in the file's order; the other rules record, which is not for us.
Result<std::vector<Document>> alerts_of(const AlertRuleFile& file) {
  HALFOPEN_TRY(document, parse_yaml(std::string(file.text), std::string(file.name)));
  HALFOPEN_CHECK(check_map(document, "a file of rules"));
  std::vector<Document> alerts;
  const Document* groups = document.find("groups");
  if (groups == nullptr) return problem_at(document.mark, "there are no \"groups\" of rules");
  HALFOPEN_CHECK(check_list(*groups, "\"groups\""));
  for (const Document& group : groups->items) {
    HALFOPEN_CHECK(check_map(group, "a group of rules"));
    const Document* rules = group.find("rules");
    if (rules == nullptr) continue;
    HALFOPEN_CHECK(check_list(*rules, "\"rules\""));
    for (const Document& rule : rules->items) {
      HALFOPEN_CHECK(check_map(rule, "a rule"));
      if (rule.find("alert") != nullptr) alerts.push_back(rule);
    }
  }
  return alerts;
}

Result<AlertRule> read_alert(const Document& rule, const std::string& name, unsigned time_scale) {
  AlertRule alert;
  alert.name = name;
  const Document* expr = rule.find("expr");
  if (expr == nullptr) return problem_at(rule.mark, "the alert " + name + " lacks \"expr\"");
  HALFOPEN_TRY(text, read_text(*expr, "\"expr\""));
  auto shortened = scaled_text(text, time_scale);
  auto expression =
      shortened.has_error() ? Result<Expression>(shortened.error()) : Expression::parse(*shortened);
  if (expression.has_error()) {
    return problem_at(expr->mark, "in the alert " + name + ": " + expression.error().text);
  }
  alert.expression = std::move(*expression);
  if (const Document* hold = rule.find("for")) {
    HALFOPEN_TRY(time, read_duration(*hold, "\"for\""));
    alert.hold = scaled(time, time_scale);
  }
  return alert;
}

}  // namespace

Result<AlertRules> AlertRules::read(const std::vector<AlertRuleFile>& files) {
  AlertRules rules;
  for (const AlertRuleFile& file : files) {
    HALFOPEN_TRY(alerts, alerts_of(file));
    for (Document& rule : alerts) {
      HALFOPEN_TRY(name, read_text(*rule.find("alert"), "\"alert\""));
      rules.names_.push_back(std::move(name));
      rules.rules_.push_back(std::move(rule));
    }
  }
  return rules;
}

Result<AlertRule> AlertRules::find(const std::string& name, unsigned time_scale) const {
  const auto found = std::find(names_.begin(), names_.end(), name);
  if (found == names_.end()) {
    return Problem{"there is no alert \"", name, "\"; ", expected_names(name, names_)};
  }
  return read_alert(rules_[static_cast<std::size_t>(found - names_.begin())], name, time_scale);
}

const Result<AlertRules>& built_in_alert_rules() {
  static const Result<AlertRules> rules = AlertRules::read(alert_rule_files());
  return rules;
}

}  // namespace halfopen

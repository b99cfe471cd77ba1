#include "harness/shell/metric_names.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/near_name.hpp"
#include "harness/model/expression/syntax.hpp"
#include "harness/shell/metric_values.hpp"
#include "metrics/names.hpp"

namespace halfopen {
namespace {

using expression::LabelMatcher;
using Labels = std::set<std::string>;

constexpr std::string_view kProxyProgram = "fault-proxy";
// What the harness counts for a link's router, where there is no proxy.
constexpr std::string_view kMiddlebox = "middlebox";

// Every series of the harness has `node`: the scraper adds it.
Labels labels_of(const MetricDefinition& definition) {
  Labels labels{"node"};
  std::string_view rest = definition.labels;
  while (!rest.empty()) {
    const auto comma = rest.find(',');
    labels.emplace(rest.substr(0, comma));
    rest = comma == std::string_view::npos ? "" : rest.substr(comma + 1);
  }
  return labels;
}

std::map<std::string, Labels> known_metrics() {
  std::map<std::string, Labels> known;
  for (const MetricDefinition& definition : all_metrics()) {
    const std::string name(definition.name);
    Labels labels = labels_of(definition);
    if (definition.kind == MetricKind::kHistogram) {
      known[name + "_sum"] = known[name + "_count"] = labels;
      labels.insert("le");
      known[name + "_bucket"] = std::move(labels);
    } else {
      known[name] = std::move(labels);
    }
  }
  return known;
}

bool exported_by_nodes(const std::string& metric) {
  return metric != metric::kUp.name && metric.rfind("fault_proxy_", 0) != 0 &&
         metric.rfind("halfopen_", 0) != 0;
}

std::string text_of(const LabelMatcher& matcher) {
  constexpr const char* kSymbols[] = {"=", "!=", "=~", "!~"};
  return matcher.label + kSymbols[static_cast<std::size_t>(matcher.kind)] + "\"" + matcher.text +
         "\"";
}

// One run's scenario: which names its labels may have, and the walk over its expressions.
class SelectorCheck {
 public:
  SelectorCheck(const Scenario& scenario, const std::map<std::string, Labels>& known)
      : known_(known) {
    for (const NodeSpec& node : scenario.nodes) {
      values_["peer"].push_back(node.name);
      values_["node"].push_back(node.name);
      other_command_ = other_command_ || !node.argv.empty();
    }
    auto& proxies = values_["proxy"];
    for (const LinkSpec& link : scenario.links)
      proxies.push_back(link.id);
    if (proxies.empty()) return;
    for (const std::string_view program : {kProxyProgram, kMiddlebox})
      values_["node"].emplace_back(program);
  }

  // The labels that the part's series may have: what groups them has to name some of these.
  Result<Labels> check(const expression::Syntax& syntax) const {
    return std::visit([this](const auto& node) { return check_node(node); }, syntax.node);
  }

 private:
  static Result<Labels> check_node(const expression::Number&) { return Labels{}; }
  Result<Labels> check_node(const expression::Negation& negation) const {
    return check(*negation.operand);
  }
  Result<Labels> check_node(const expression::Call& call) const {
    return call.argument == nullptr ? Result<Labels>(Labels{}) : check(*call.argument);
  }

  Result<Labels> check_node(const expression::Selector& selector) const {
    const auto found = known_.find(selector.metric);
    // What another program than ours exports is its own affair; what ours do is known.
    const bool free = other_command_ && found == known_.end() && exported_by_nodes(selector.metric);
    if (found == known_.end() && !free) return unknown_metric(selector.metric);
    for (const LabelMatcher& matcher : selector.matchers) {
      if (!free && found->second.count(matcher.label) == 0) {
        return Problem{"the metric ",
                       selector.metric,
                       " has no label \"",
                       matcher.label,
                       "\"; ",
                       expected_names(matcher.label, {found->second.begin(), found->second.end()})};
      }
      if (free && matcher.label != "node") continue;
      HALFOPEN_CHECK(check_value(selector.metric, matcher));
    }
    return free ? Labels{} : found->second;
  }

  Result<Labels> check_node(const expression::Aggregation& aggregation) const {
    HALFOPEN_TRY(labels, check(*aggregation.operand));
    HALFOPEN_CHECK(check_grouping(aggregation.labels, labels));
    if (!aggregation.without) return Labels(aggregation.labels.begin(), aggregation.labels.end());
    for (const std::string& label : aggregation.labels)
      labels.erase(label);
    return labels;
  }

  Result<Labels> check_node(const expression::Binary& binary) const {
    HALFOPEN_TRY(labels, check(*binary.left));
    HALFOPEN_TRY(others, check(*binary.right));
    labels.merge(others);
    HALFOPEN_CHECK(check_grouping(binary.matching.labels, labels));
    return labels;
  }

  [[nodiscard]] Problem unknown_metric(const std::string& name) const {
    std::vector<std::string> names;
    for (const auto& [known, labels] : known_)
      names.push_back(known);
    const std::string nearest = near_name(name, names);
    return Problem{"there is no metric ", name,
                   nearest.empty() ? "" : "; did you mean " + nearest + "?",
                   " (metrics/names.inc lists them all)"};
  }

  Result<void> check_grouping(const std::vector<std::string>& wanted, const Labels& labels) const {
    if (other_command_) return {};
    for (const std::string& label : wanted) {
      if (labels.count(label) != 0) continue;
      return Problem{"nothing there has the label \"", label, "\" to group or match by; ",
                     expected_names(label, {labels.begin(), labels.end()})};
    }
    return {};
  }

  // A matcher that decides the same for every name of the scenario is a misspelt one. "" stands
  // for a series without the label.
  Result<void> check_value(const std::string& metric, const LabelMatcher& matcher) const {
    const auto found = values_.find(matcher.label);
    const bool is_of_scenario = found != values_.end();
    const std::vector<std::string> names =
        is_of_scenario ? found->second : values_of_label(metric, matcher.label);
    if ((names.empty() && !is_of_scenario) || matcher.text.empty()) return {};
    const bool includes =
        matcher.kind == LabelMatcher::Kind::kEqual || matcher.kind == LabelMatcher::Kind::kMatches;
    const bool decides = std::any_of(names.begin(), names.end(), [&](const std::string& name) {
      return matcher.accepts(name) == includes;
    });
    if (decides) return {};
    return Problem{text_of(matcher), includes ? " can match nothing" : " excludes nothing",
                   is_of_scenario ? " of this scenario; " : " of " + metric + "; ",
                   expected_names(matcher.text, names)};
  }

  const std::map<std::string, Labels>& known_;
  std::map<std::string, std::vector<std::string>> values_;
  bool other_command_ = false;
};

Result<void> check_run(const Scenario& scenario, const std::map<std::string, Labels>& known) {
  const SelectorCheck selectors(scenario, known);
  const auto check = [&](const Expression& condition, const Mark& mark) -> Result<void> {
    const auto labels = selectors.check(condition.syntax());
    if (labels.has_error()) return problem_at(mark, labels.error().text);
    return {};
  };
  for (const Step& step : scenario.steps) {
    const auto* wait = std::get_if<WaitUntil>(&step.action);
    if (wait == nullptr) continue;
    HALFOPEN_CHECK(check(wait->condition, step.action_mark));
  }
  for (const Expectation& expectation : scenario.expectations) {
    const Expression* condition = condition_of(expectation.body);
    if (condition == nullptr) continue;
    HALFOPEN_CHECK(check(*condition, expectation.body_mark));
  }
  return {};
}

}  // namespace

Result<void> check_metric_names(const Plan& plan) {
  const auto known = known_metrics();
  for (const PlannedRun& run : plan.runs)
    HALFOPEN_CHECK(check_run(run.scenario, known));
  return {};
}

}  // namespace halfopen

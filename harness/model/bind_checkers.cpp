// Expectations that name a rule which is written down elsewhere: checkers and alerts.
#include <algorithm>
#include <utility>

#include "base/duration_text.hpp"
#include "harness/model/bind_expectation_parts.hpp"
#include "harness/model/bind_fields.hpp"
#include "harness/model/shape_parts.hpp"

namespace halfopen {
namespace {

constexpr unsigned kTimeScaleMax = 100'000;

// `{detection_within_bound: {slack: 1s}}`: one key, the checker, and what it is told.
Result<std::string> read_checker(const Document& item, CheckerSettings& settings) {
  if (item.kind != Document::Kind::kMap) return read_known(item, "invariant", checker_names());
  const std::vector<std::string>& names = checker_names();
  for (const DocumentEntry& named : item.entries) {
    const bool is_checker = std::find(names.begin(), names.end(), named.key) != names.end();
    if (!is_checker || checker_shape().find(named.key) != nullptr) continue;
    return problem_at(named.key_mark, "the checker \"" + named.key +
                                          "\" is told nothing; write its name alone, as in "
                                          "invariant: [" +
                                          named.key + "]");
  }
  HALFOPEN_TRY(fields, Fields::of(item, checker_shape()));
  HALFOPEN_TRY(entry, fields.need_main());
  if (entry->key == "detection_within_bound") {
    HALFOPEN_TRY(inner, Fields::of(entry->value, detection_checker_shape()));
    HALFOPEN_TRY(slack, inner.need("slack"));
    HALFOPEN_TRY(time, read_duration(*slack, "\"slack\""));
    settings.slack = time;
  } else {
    HALFOPEN_TRY(inner, Fields::of(entry->value, stuck_checker_shape()));
    HALFOPEN_TRY(longer_than, inner.need("longer_than"));
    HALFOPEN_TRY(time, read_duration(*longer_than, "\"longer_than\""));
    settings.longer_than = time;
  }
  return entry->key;
}

Result<std::vector<AlertRule>> read_alerts(const Document* names, const char* key,
                                           unsigned time_scale) {
  std::vector<AlertRule> rules;
  if (names == nullptr) return rules;
  HALFOPEN_TRY(texts, read_texts(*names, "\"" + std::string(key) + "\""));
  const Result<AlertRules>& known = built_in_alert_rules();
  if (known.has_error()) return known.error();
  for (std::size_t i = 0; i < texts.size(); ++i) {
    auto rule = known->find(texts[i], time_scale);
    if (rule.has_error()) return problem_at(names->items[i].mark, rule.error().text);
    rules.push_back(std::move(*rule));
  }
  return rules;
}

std::string names_text(const std::vector<AlertRule>& rules) {
  std::vector<std::string> names;
  for (const AlertRule& rule : rules)
    names.push_back(rule.name);
  return joined_with(names, ", ");
}

}  // namespace

Result<BoundBody> bind_invariants(const Document& value) {
  if (value.kind != Document::Kind::kSequence || value.items.empty()) {
    HALFOPEN_CHECK(read_texts(value, "\"invariant\""));
  }
  const std::vector<std::string>& known = checker_names();
  Invariants invariants;
  std::vector<std::string> names;
  for (const Document& item : value.items) {
    HALFOPEN_TRY(name, read_checker(item, invariants.settings));
    const auto index = std::find(known.begin(), known.end(), name) - known.begin();
    invariants.all.push_back(static_cast<Invariant>(index));
    names.push_back(std::move(name));
  }
  return BoundBody{std::move(invariants), joined_with(names, ", ")};
}

Result<BoundBody> bind_alerts(const Document& value) {
  HALFOPEN_TRY(fields, Fields::of(value, alerts_shape()));
  unsigned time_scale = 1;
  if (const Document* scale = fields.find("time_scale")) {
    HALFOPEN_TRY(number, read_count(*scale, "\"time_scale\"", 1, kTimeScaleMax));
    time_scale = number;
  }
  Alerts alerts;
  HALFOPEN_TRY(fire, read_alerts(fields.find("fire"), "fire", time_scale));
  HALFOPEN_TRY(silent, read_alerts(fields.find("silent"), "silent", time_scale));
  if (fire.empty() && silent.empty()) {
    return problem_at(value.mark,
                      "\"alerts\" names no alert; expected fire: [...] or silent: [...]");
  }
  alerts.fire = std::move(fire);
  alerts.silent = std::move(silent);
  std::string text;
  if (!alerts.fire.empty()) text = "the alerts " + names_text(alerts.fire) + " fire";
  if (!alerts.silent.empty()) {
    text +=
        (text.empty() ? "" : ", ") + ("the alerts " + names_text(alerts.silent)) + " stay silent";
  }
  if (time_scale > 1) text += " (times / " + std::to_string(time_scale) + ")";
  return BoundBody{std::move(alerts), text};
}

}  // namespace halfopen

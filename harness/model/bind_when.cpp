#include "harness/model/bind_when.hpp"

#include <algorithm>

#include "harness/model/bind_fields.hpp"

namespace halfopen {
namespace {

std::vector<std::string> names_of_values(const Axis& axis) {
  std::vector<std::string> names;
  for (const auto& [name, title] : axis.values)
    names.push_back(name);
  return names;
}

// One key of the `when`: its value now, and the values that it could have (empty: any).
struct Term {
  std::string now;
  std::vector<std::string> possible;
};

Result<Term> find_term(const DocumentEntry& entry, const RunTerms& terms) {
  for (const Axis& axis : terms.axes) {
    if (axis.name == entry.key) return Term{terms.cell.at(axis.name), names_of_values(axis)};
  }
  if (const auto variable = terms.variables.find(entry.key); variable != terms.variables.end()) {
    const auto choice = terms.choices.find(entry.key);
    return Term{variable->second.text,
                choice == terms.choices.end() ? std::vector<std::string>{} : choice->second};
  }
  std::vector<std::string> known;
  for (const Axis& axis : terms.axes)
    known.push_back(axis.name);
  for (const auto& [name, variable] : terms.variables)
    known.push_back(name);
  return unknown_name(entry.key_mark, "axis or variable", entry.key, known);
}

Result<bool> matches(const Document& value, const std::string& key, const Term& term) {
  HALFOPEN_TRY(wanted, read_text(value, "\"" + key + "\" in \"when\""));
  if (!term.possible.empty() &&
      std::find(term.possible.begin(), term.possible.end(), wanted) == term.possible.end()) {
    return unknown_name(value.mark, "value of " + key, wanted, term.possible);
  }
  return wanted == term.now;
}

}  // namespace

Result<bool> belongs_to_run(const Document& item, const RunTerms& terms) {
  const Document* when = item.find("when");
  if (when == nullptr) return true;
  HALFOPEN_CHECK(check_map(*when, "\"when\""));
  bool all = true;
  for (const DocumentEntry& entry : when->entries) {
    HALFOPEN_TRY(term, find_term(entry, terms));
    bool any = false;
    if (entry.value.kind == Document::Kind::kSequence) {
      HALFOPEN_CHECK(read_texts(entry.value, "\"" + entry.key + "\" in \"when\""));
      for (const Document& value : entry.value.items) {
        HALFOPEN_TRY(match, matches(value, entry.key, term));
        any = any || match;
      }
    } else {
      HALFOPEN_TRY(match, matches(entry.value, entry.key, term));
      any = match;
    }
    all = all && any;
  }
  return all;
}

}  // namespace halfopen

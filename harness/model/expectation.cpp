#include "harness/model/expectation.hpp"

#include "harness/model/shape_parts.hpp"

namespace halfopen {

std::string EventPattern::text() const {
  std::string who;
  std::string rest;
  for (const auto& [field, value] : fields) {
    if (field == "node") {
      who = " of " + value;
    } else {
      rest += (rest.empty() ? "" : ", ") + field + " " + value;
    }
  }
  return event + who + (rest.empty() ? "" : " (" + rest + ")");
}

bool CountBound::holds(std::size_t number) const {
  switch (comparison) {
    case Comparison::kEqual:
      return number == count;
    case Comparison::kAtLeast:
      return number >= count;
    case Comparison::kAtMost:
      return number <= count;
  }
  return false;
}

std::string CountBound::text() const {
  switch (comparison) {
    case Comparison::kEqual:
      return "exactly " + std::to_string(count);
    case Comparison::kAtLeast:
      return "at least " + std::to_string(count);
    case Comparison::kAtMost:
      return "at most " + std::to_string(count);
  }
  return "";
}

namespace {

// The body's `condition` or `node`, for those kinds that have one.
struct ConditionOf {
  template <class Body>
  const Expression* operator()(const Body& body) const {
    if constexpr (requires { body.condition; }) return &body.condition;
    return nullptr;
  }
};
struct PartsOf {
  std::vector<std::string> operator()(const Invariants& body) const {
    std::vector<std::string> names;
    for (const Invariant invariant : body.all)
      names.push_back(invariant_name(invariant));
    return names;
  }
  std::vector<std::string> operator()(const Alerts& body) const {
    std::vector<std::string> names;
    for (const auto* rules : {&body.fire, &body.silent}) {
      for (const AlertRule& rule : *rules)
        names.push_back(rule.name);
    }
    return names;
  }
  template <class Body>
  std::vector<std::string> operator()(const Body&) const {
    return {};
  }
};
struct SubjectOf {
  std::string operator()(const CountEvents& body) const {
    const auto node = body.event.fields.find("node");
    return node == body.event.fields.end() ? "" : node->second;
  }
  template <class Body>
  std::string operator()(const Body& body) const {
    if constexpr (requires { body.node; }) return body.node;
    return "";
  }
};

}  // namespace

const Expression* condition_of(const ExpectationBody& body) {
  return std::visit(ConditionOf{}, body);
}

std::vector<std::string> parts_of(const ExpectationBody& body) {
  return std::visit(PartsOf{}, body);
}

std::string invariant_name(Invariant invariant) {
  return checker_names().at(static_cast<std::size_t>(invariant));
}

std::string subject_of(const ExpectationBody& body) {
  return std::visit(SubjectOf{}, body);
}

}  // namespace halfopen

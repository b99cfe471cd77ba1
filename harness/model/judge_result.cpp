#include "harness/model/judge_result.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <utility>

#include "harness/model/judge_evidence.hpp"

namespace halfopen {

ExpectationResult result_of(Verdict verdict, std::string seen, Instant moment) {
  ExpectationResult result;
  result.verdict = verdict;
  result.seen = std::move(seen);
  result.moment = moment;
  return result;
}

std::string joined(const std::vector<std::string>& parts, std::size_t shown_max) {
  std::string text;
  for (std::size_t i = 0; i < std::min(parts.size(), shown_max); ++i) {
    text += (i == 0 ? "" : ", ") + parts[i];
  }
  if (parts.size() <= shown_max) return text;
  return text + " and " + std::to_string(parts.size() - shown_max) + " more";
}

bool matches(const EventPattern& pattern, const Event& event) {
  if (event.event != pattern.event) return false;
  for (const auto& [field, wanted] : pattern.fields) {
    if (field == "node") {
      if (event.node != wanted) return false;
      continue;
    }
    const boost::json::value* value = event.fields.if_contains(field);
    if (value == nullptr) return false;
    if (value->is_string() ? std::string_view(value->get_string()) != wanted
                           : boost::json::serialize(*value) != wanted) {
      return false;
    }
  }
  return true;
}

bool is_decided(const CountBound& bound, std::size_t number) {
  if (bound.comparison == Comparison::kAtLeast) return number >= bound.count;
  return number > bound.count;
}

ExpectationResult judge_count(const CountBound& bound, const Counted& counted,
                              const std::string& what, const Interval& window, Instant origin) {
  std::string seen = std::to_string(counted.number) + " x " + what;
  if (counted.number > 0) {
    seen += (counted.number == 1 ? ", at " : ", the last at ") + time_text(counted.last, origin);
  }
  if (is_decided(bound, counted.number)) {
    return result_of(pass_if(bound.holds(counted.number)), seen, counted.last);
  }
  if (!counted.trouble.empty()) {
    return result_of(Verdict::kInconclusive, seen + "; " + counted.trouble, window.end);
  }
  return result_of(pass_if(bound.holds(counted.number)), seen, window.end);
}

}  // namespace halfopen

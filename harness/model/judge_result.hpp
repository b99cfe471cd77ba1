// Small words that every judge uses.
#pragma once

#include <string>
#include <vector>

#include "harness/model/expectation.hpp"
#include "harness/model/record.hpp"
#include "harness/model/verdict.hpp"

namespace halfopen {

// Verdict, seen, moment; the caller adds the rest.
[[nodiscard]] ExpectationResult result_of(Verdict verdict, std::string seen, Instant moment);

[[nodiscard]] constexpr Verdict pass_if(bool good) {
  return good ? Verdict::kPass : Verdict::kFail;
}

// Both ends included.
[[nodiscard]] inline bool is_in(Instant at, const Interval& window) {
  return at >= window.begin && at <= window.end;
}
[[nodiscard]] inline bool is_in(const Event& event, const Interval& window) {
  return is_in(event.at, window);
}

// "a, b, c and 4 more"
[[nodiscard]] std::string joined(const std::vector<std::string>& parts, std::size_t shown_max = 20);

[[nodiscard]] bool matches(const EventPattern& pattern, const Event& event);

// Something that was counted in a window, compared with what was wanted. `last` is the one that
// decides where one does: it makes a bound that was exceeded, or reaches one that was wanted.
struct Counted {
  std::size_t number = 0;
  Instant last;
  // Why there may have been more than were seen; empty: there were not.
  std::string trouble;
};
// Has the number been decided, whatever is still to come?
[[nodiscard]] bool is_decided(const CountBound& bound, std::size_t number);
// `what` names the things: "transition of n1".
[[nodiscard]] ExpectationResult judge_count(const CountBound& bound, const Counted& counted,
                                            const std::string& what, const Interval& window,
                                            Instant origin);

}  // namespace halfopen

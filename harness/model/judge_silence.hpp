// Processes that a condition asks and that do not answer. Think of a count of hands in the dark:
// who cannot be seen has raised none, and has not kept it down either.
//
// A selector matches whatever is there, so `min(votenode_peer_up) == 1` becomes true by the death
// of the one that would have said 0. A moment at which somebody who is asked does not answer proves
// nothing, whoever made it silent. A process answers at a scrape when its page could be read, which
// `up` of that node tells; a series that an answering page no longer has is an answer.
#pragma once

#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "harness/model/expression/evaluate.hpp"
#include "harness/model/judge_missing.hpp"

namespace halfopen {

class SilenceWatch {
 public:
  // Nobody is missed inside absent() and its like, nor a node that an absent() names
  // (expression/selectors.hpp), nor by `up` and the sockets, which the harness tells of the dead as
  // well. A node that is not scraped is never silent. `condition` and `samples` must outlive this.
  SilenceWatch(const Expression& condition, const SeriesStore& samples);

  struct Silence {
    std::string seen;  // "n2 did not answer, and votenode_peer_up is asked of it too"
    // "; to ask only nodes that are there, add a matcher such as node=\"n1\", ..."; empty where
    // nobody is there.
    std::string advice;
  };
  // A range still hears a node that answered anywhere in it. `planned`: who is not missed.
  [[nodiscard]] std::optional<Silence> at(Instant at,
                                          const std::vector<Absence>& planned = {}) const;

 private:
  struct Asked {
    std::string metric;
    std::string node;
    Duration range;
    Duration offset;
    [[nodiscard]] bool operator<(const Asked& other) const {
      return std::tie(metric, node, range, offset) <
             std::tie(other.metric, other.node, other.range, other.offset);
    }
  };
  [[nodiscard]] bool answered(const Asked& asked, Instant at) const;

  const SeriesStore& samples_;
  std::vector<Asked> asked_;
};

// Whether a condition holds for every series, and for every node that it asks.
struct Hearing {
  bool holds = false;
  bool is_complete = true;  // else: somebody did not answer, and `holds` is false
  // It held for those who answered, and somebody did not: neither that it held nor that it did not.
  bool held_without = false;
  std::string seen;  // what decided, and who was silent where that decided
};
[[nodiscard]] Result<Hearing> hear(const Expression& condition, const SilenceWatch& silence,
                                   const SeriesStore& samples, Instant at,
                                   const EvaluationSettings& settings);

}  // namespace halfopen

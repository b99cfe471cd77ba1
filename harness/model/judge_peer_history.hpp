// What a node believed of a peer, over time, by its own events.
#pragma once

#include <string>
#include <vector>

#include "harness/model/record.hpp"

namespace halfopen {

// A stay in one state. A node that starts, or starts again, is connected with nobody.
struct Belief {
  Instant since;
  std::string state;  // "" before the first word and after each start
  std::string reason;
};

class PeerHistory {
 public:
  PeerHistory(const RunRecord& record, const std::string& node, const std::string& peer);

  // The state at this moment; a transition at the very moment has happened.
  [[nodiscard]] const Belief& at(Instant moment) const;
  [[nodiscard]] bool is_live_at(Instant moment) const;
  // The first moment after `from`, up to `until`, at which the connection of `from` was no longer
  // believed in; `until` itself when there is none. (Also where the node started again.)
  [[nodiscard]] bool leaves_live_between(Instant from, Instant until) const;
  // Since when it has been live, or has not been, without a break.
  [[nodiscard]] Instant live_or_not_since(Instant moment) const;
  [[nodiscard]] bool says_anything() const { return says_anything_; }

 private:
  std::vector<Belief> beliefs_;  // never empty
  bool says_anything_ = false;
};

// Whether the node's process answered its last scrape before the moment; true where nobody knows.
[[nodiscard]] bool was_running_at(const RunRecord& record, const std::string& node, Instant moment);

}  // namespace halfopen

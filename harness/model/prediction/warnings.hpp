// Times and switches that undo each other, on one end of a link: what a person would want to know
// before the run.
#pragma once

#include <string>
#include <vector>

#include "harness/model/prediction/finders.hpp"
#include "harness/model/prediction/nat_terms.hpp"

namespace halfopen {

struct LinkFacts {
  std::vector<NatTerms> mappings;  // every nat that the link has at any time
  bool swallows_dials = false;     // blackhole, syn_drop, power loss: a dial can hang
  bool is_asked_much = false;      // votes are cast while the link is cut
  NodeDefences peer;
};

[[nodiscard]] std::vector<std::string> warnings_of(const EndFacts& end, const LinkFacts& link);

}  // namespace halfopen

// A vote as JSON, for the admin API and the events.
#pragma once

#include <boost/json/object.hpp>

#include "node/core/vote.hpp"

namespace halfopen::node {

// {"id", "network", "height", "round", "kind", "choice" (hex or null), "voter", "time_ms"}
[[nodiscard]] boost::json::object to_json(const Vote& vote, const VoteId& id);
// With "signature", too.
[[nodiscard]] boost::json::object to_json(const SignedVote& vote, const VoteId& id);

}  // namespace halfopen::node

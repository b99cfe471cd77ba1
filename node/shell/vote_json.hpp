// A vote as JSON, for the store, the admin API and the events.
#pragma once

#include <boost/json/object.hpp>

#include "base/result.hpp"
#include "node/core/vote.hpp"

namespace halfopen::node {

// {"id", "network", "height", "round", "kind", "choice" (hex or null), "voter", "time_ms"}
[[nodiscard]] boost::json::object to_json(const Vote& vote, const VoteId& id);
// Reads whatever to_json wrote, for every vote there can be. The id must fit the vote.
[[nodiscard]] Result<Vote> vote_from_json(const boost::json::object& object);

}  // namespace halfopen::node

// What the admin API answers, for a person: how the peers are, for how long, why, and what to look
// at. Text in, text out.
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "base/result.hpp"

namespace halfopen::node {

// Of GET /node and GET /peers. A Problem when they are not what a vote-node answers.
[[nodiscard]] Result<std::string> status_text(const boost::json::object& node,
                                              const boost::json::object& peers);
// Of GET /peers/NAME/history.
[[nodiscard]] Result<std::string> history_text(const boost::json::object& history);

}  // namespace halfopen::node

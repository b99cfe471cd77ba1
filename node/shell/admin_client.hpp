// One question to a running node's admin API, blocking, with a deadline: for the subcommands that
// show how a node is doing.
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "base/result.hpp"

namespace halfopen::node {

// "127.0.0.1:8000", "[::1]:8000" or "unix:/run/vote-node/n1.sock".
[[nodiscard]] Result<void> check_admin_address(const std::string& address);

// The answer to GET `path`. A node that is not there, one that says no, and something that is no
// node are Problems.
[[nodiscard]] Result<boost::json::object> ask_node(const std::string& address,
                                                   const std::string& path);

}  // namespace halfopen::node

// Keys and signed votes of nodes that exist in tests only: whoever knows the name knows the key.
#pragma once

#include <string>

#include "node/core/vote.hpp"

namespace halfopen::node::test {

// The same for the same name; made once, because deriving the public half takes a while.
[[nodiscard]] const SigningKey& test_key(const std::string& name);
// The vote with this voter and the network "lab" (unless it names another one), signed.
[[nodiscard]] SignedVote vote_by(const std::string& name, Vote vote);

}  // namespace halfopen::node::test

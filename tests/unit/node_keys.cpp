#include "tests/unit/node_keys.hpp"

#include <map>
#include <utility>

#include "node/core/sha256.hpp"

namespace halfopen::node::test {

const SigningKey& test_key(const std::string& name) {
  static std::map<std::string, SigningKey> keys;
  const auto found = keys.find(name);
  if (found != keys.end()) return found->second;
  const std::string text = "a key for tests: " + name;
  const std::vector<std::uint8_t> bytes(text.begin(), text.end());
  return keys.emplace(name, SigningKey{sha256(bytes)}).first->second;
}

SignedVote vote_by(const std::string& name, Vote vote) {
  if (vote.network.empty()) vote.network = "lab";
  vote.voter = test_key(name).public_key();
  return sign(std::move(vote), test_key(name));
}

}  // namespace halfopen::node::test

// What this machine can do, tried and not assumed: some systems allow a namespace and strip its
// capabilities, others have nft but no rule ever matches.
#pragma once

#include <string>
#include <vector>

namespace halfopen {

struct Ability {
  std::string name;  // "filter"; what a scenario's `needs` may list
  std::string what;  // a sentence: what it is for
  bool works = false;
  std::string found;   // what happened when it was tried
  std::string remedy;  // what to do; empty when it works
};

// Inside a private world (namespace.hpp), with `directory` for scratch files. Loads the black-hole
// rules into this network namespace as a side effect.
[[nodiscard]] std::vector<Ability> try_abilities(const std::string& directory,
                                                 const std::vector<std::string>& wanted = {});

// The names among `needs` that do not work, each with its remedy, as one sentence; empty when all
// do. An unknown name counts as not working.
[[nodiscard]] std::string missing_abilities(const std::vector<std::string>& needs,
                                            const std::vector<Ability>& abilities);

}  // namespace halfopen

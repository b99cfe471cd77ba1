// What must be true of a world, said once: the promises that the property test holds the cores to.
#pragma once

#include <string>
#include <vector>

#include "tests/unit/node_world.hpp"

namespace halfopen::node::test {

// From the healing of the network until all is as it should be.
[[nodiscard]] Duration settle_bound(const World& world);

// Every pair has one connection, and both sides mean the same one.
void check_sessions(const World& world, std::vector<std::string>& wrong);
// Every accepted vote is in every store that it must be in, and no vote is anywhere twice.
void check_votes(const World& world, std::vector<std::string>& wrong);
// No voter has signed two votes for one slot.
void check_slots(const World& world, std::vector<std::string>& wrong);
// Each core has counted what its store holds, once.
void check_tallies(const World& world, bool peers_changed, std::vector<std::string>& wrong);
// Nobody is waiting for an answer, and nothing is owed any more.
void check_debts(const World& world, std::vector<std::string>& wrong);
// No connection that fell silent is still believed in after the bound. `hiccups`: how often a
// machine did not run or its clock leapt.
void check_detection(const World& world, Duration latency_max, unsigned hiccups,
                     std::vector<std::string>& wrong);

}  // namespace halfopen::node::test

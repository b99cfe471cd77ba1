// Whatever happens to the network, the machines and their clocks: no accepted vote is lost, none
// takes effect twice, nobody signs two votes for one slot, a pair ends up with one connection, and
// a dead one is noticed in time. Real cores, thousands of seeds, virtual time.
//
// HALFOPEN_SEEDS says how many seeds, HALFOPEN_SEED plays a single one and says what it did.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "tests/unit/node_chaos.hpp"

namespace halfopen::node::test {
namespace {

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

std::string repeat_command(std::uint64_t seed) {
  return "repeat: HALFOPEN_SEED=" + std::to_string(seed) +
         " node_property_test --gtest_filter='NodeProperty.*'";
}

// Says what is wrong, and answers whether it was nothing.
bool play(std::uint64_t seed, std::map<std::string, std::uint64_t>& counts) {
  Chaos chaos(seed);
  chaos.set_verbose(std::getenv("HALFOPEN_SEED") != nullptr);
  const auto wrong = chaos.play();
  for (const auto& [what, count] : chaos.counts())
    counts[what] += count;
  for (const std::string& line : wrong)
    ADD_FAILURE() << "seed " << seed << ": " << line;
  if (!wrong.empty()) ADD_FAILURE() << repeat_command(seed);
  return wrong.empty();
}

// A world without trouble would keep every promise, too.
void expect_that_faults_did_bite(const std::map<std::string, std::uint64_t>& counts) {
  for (const std::string what :
       {"cast: accepted", "cast: conflict", "cast: store_failed", "cast: stopping",
        "lost: ack_timeout", "lost: eof", "lost: ping_timeout", "lost: removed", "lost: replaced",
        "lost: reset", "not opened: handshake_failed", "not opened: tie_break", "power losses",
        "process ends", "quorums", "received: duplicate", "store: failed batches",
        "votes sent again"}) {
    EXPECT_TRUE(counts.contains(what)) << "never: " << what;
  }
}

TEST(NodeProperty, EveryPromiseIsKept) {
  std::map<std::string, std::uint64_t> counts;
  if (std::getenv("HALFOPEN_SEED") != nullptr) {
    play(number_from_environment("HALFOPEN_SEED", 0), counts);
  } else {
    constexpr int kFailuresMax = 5;
    int failures = 0;
    const std::uint64_t seeds = number_from_environment("HALFOPEN_SEEDS", 10'000);
    for (std::uint64_t seed = 1; seed <= seeds && failures < kFailuresMax; ++seed)
      failures += play(seed, counts) ? 0 : 1;
    if (seeds >= 1'000) expect_that_faults_did_bite(counts);
  }
  for (const auto& [what, count] : counts)
    std::printf("%10llu %s\n", static_cast<unsigned long long>(count), what.c_str());
}

}  // namespace
}  // namespace halfopen::node::test

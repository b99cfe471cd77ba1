// A flood of strangers: the peers' votes go on, and nothing of it stays in memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <fstream>
#include <map>
#include <sstream>

#include "metrics/http_endpoint.hpp"
#include "node/core/sha256.hpp"
#include "tests/integration/node_flood.hpp"
#include "tests/integration/node_process.hpp"

namespace halfopen::node::test {
namespace {

constexpr std::uint64_t kStrangers = 10'000;
constexpr double kGrowthMaxMebibytes = 8;

// What `insecure_seed` makes of a name.
PublicKey key_of(const std::string& name) {
  const auto* octets = reinterpret_cast<const std::uint8_t*>(name.data());
  return SigningKey(sha256({octets, name.size()})).public_key();
}

double resident_mebibytes(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::stod(line.substr(6)) / 1024;
  }
  return -1;
}

// Refused connections of strangers, by reason.
std::map<std::string, std::uint64_t> refused_by(const NodeProcess& node) {
  const std::string start = "votenode_peer_connections_closed_total{peer=\"unknown\",reason=\"";
  std::istringstream lines(node.http("GET", "/metrics").body);
  std::map<std::string, std::uint64_t> found;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(start)) continue;
    const auto end = line.find('"', start.size());
    const std::string reason = line.substr(start.size(), end - start.size());
    found[reason] = static_cast<std::uint64_t>(std::stod(line.substr(line.find(' '))));
  }
  return found;
}

std::uint64_t sum(const std::map<std::string, std::uint64_t>& counts) {
  std::uint64_t total = 0;
  for (const auto& [reason, count] : counts)
    total += count;
  return total;
}

std::string text_of(const std::map<std::string, std::uint64_t>& counts) {
  std::string text;
  for (const auto& [reason, count] : counts)
    text += reason + " " + std::to_string(count) + ", ";
  return text;
}

class NodeFlood : public ::testing::Test {
 protected:
  void SetUp() override {
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
    one_.start();
    ASSERT_TRUE(one_.wait_started()) << one_.log();
    two_ = std::make_unique<NodeProcess>(
        directory_, "n2",
        "transport: tls\npeers: [{name: n1, insecure_seed: n1, address: \"" + one_.address() +
            "\"}]\n");
    two_->start();
    ASSERT_TRUE(one_.wait_event("connection_opened")) << one_.log();
  }

  [[nodiscard]] static bool vote(const NodeProcess& node) {
    return node.http("POST", "/votes?wait=peers", "{}").status == 200;
  }

  TemporaryDirectory directory_;
  NodeProcess one_{directory_, "n1", "transport: tls\npeers: [{name: n2, insecure_seed: n2}]\n"};
  std::unique_ptr<NodeProcess> two_;
};

TEST_F(NodeFlood, TenThousandStrangersCostNeitherVotesNorMemory) {
  const auto port = parse_host_port(one_.address())->port;
  const auto key = key_of("n1");
  // What is allocated once and for all is allocated now.
  std::uint64_t strangers = StrangerFlood(port, key, 500).stop();
  for (int i = 0; i < 50; ++i)
    ASSERT_TRUE(vote(one_) && vote(*two_));
  const double before = resident_mebibytes(one_.pid());

  StrangerFlood flood(port, key, kStrangers);
  int votes = 0;
  const auto vote_until = [&](std::uint64_t connections) {
    while (flood.connections() < connections && vote(one_) && vote(*two_))
      votes += 2;
    return flood.connections() >= connections;
  };
  EXPECT_TRUE(vote_until(kStrangers / 2)) << "votes stopped at " << votes << "\n" << one_.log();
  EXPECT_EQ(one_.events("connection_opened").size(), 1U) << "nobody lost the peer";
  // A peer that comes back in the middle of it finds its place.
  two_->send_signal(SIGKILL);
  ASSERT_EQ(two_->wait_exit(), -SIGKILL);
  two_->start();
  EXPECT_TRUE(one_.wait_event("connection_opened", 2)) << one_.log();
  EXPECT_TRUE(vote(one_)) << one_.log();
  EXPECT_TRUE(vote_until(kStrangers)) << "votes stopped at " << votes << "\n" << one_.log();
  strangers += flood.stop();

  std::map<std::string, std::uint64_t> refused;
  EXPECT_TRUE(wait_until([&] {
    refused = refused_by(one_);
    return sum(refused) >= strangers;
  })) << text_of(refused);
  EXPECT_EQ(sum(refused), strangers) << text_of(refused);
  for (const char* reason : {"rate_limited", "tls_failed", "wrong_key"})
    EXPECT_GT(refused[reason], 0U) << reason << " of " << text_of(refused);
  const double growth = resident_mebibytes(one_.pid()) - before;
  EXPECT_LT(growth, kGrowthMaxMebibytes);
  EXPECT_LT(one_.log().size(), 100'000U + 300U * static_cast<std::size_t>(votes));
  std::printf("%llu strangers, %d votes meanwhile, memory %+.1f MiB of %.1f; %s\n",
              static_cast<unsigned long long>(strangers), votes, growth, before,
              text_of(refused).c_str());
}

}  // namespace
}  // namespace halfopen::node::test

// Real vote-nodes that prove their keys to each other, or fail to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>

#include "tests/integration/node_process.hpp"

namespace halfopen::node::test {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

std::string field(const boost::json::object& event, const std::string& name) {
  const auto* value = event.if_contains(name);
  return value == nullptr ? "" : std::string(value->as_string());
}

std::string accepting(const std::string& peer, const std::string& seed,
                      const std::string& transport = "tls") {
  return "transport: " + transport + "\npeers: [{name: " + peer + ", insecure_seed: " + seed +
         "}]\n";
}

std::string dialling(const std::string& peer, const std::string& seed, const std::string& address,
                     const std::string& transport = "tls") {
  return "transport: " + transport + "\npeers: [{name: " + peer + ", insecure_seed: " + seed +
         ", address: \"" + address + "\"}]\n";
}

// Whether an event of this kind with this reason came.
bool wait_reason(const NodeProcess& node, const std::string& event, const std::string& reason) {
  return wait_until([&] {
    for (const auto& found : node.events(event)) {
      if (field(found, "reason") == reason) return true;
    }
    return false;
  });
}

struct Pair {
  Pair(const std::string& acceptor, const std::function<std::string(std::string)>& dialler)
      : two(directory, "n2", acceptor) {
    two.start();
    const bool started = two.wait_started();
    EXPECT_TRUE(started) << two.log();
    if (!started) return;
    one.emplace(directory, "n1", dialler(two.address()));
    one->start();
  }
  TemporaryDirectory directory;
  NodeProcess two;
  std::optional<NodeProcess> one;
};

TEST(NodeTlsProcesses, KeysOfKeygenSecureALink) {
  const TemporaryDirectory directory;
  const std::string first = directory.file("n1.pem");
  const std::string second = directory.file("n2.pem");
  const Outcome made = run_vote_node({"keygen", first, second});
  ASSERT_EQ(made.code, 0) << made.output;
  ASSERT_THAT(made.output, MatchesRegex(".*n1.pem [0-9a-f]{64}\n.*n2.pem [0-9a-f]{64}\n"));
  EXPECT_EQ(run_vote_node({"pubkey", first, second}).output, made.output);
  const auto key_of = [&](const std::string& file) {
    return made.output.substr(made.output.find(file + " ") + file.size() + 1, 64);
  };
  // The default transport.
  NodeProcess two(
      directory, "n2",
      "key: " + second + "\npeers: [{name: n1, key: " + key_of(first) + "}]  # transport: tls\n");
  two.start();
  ASSERT_TRUE(two.wait_started()) << two.log();
  NodeProcess one(directory, "n1",
                  "key: " + first + "\npeers: [{name: n2, key: " + key_of(second) +
                      ", address: \"" + two.address() + "\"}]  # transport: tls\n");
  one.start();
  ASSERT_TRUE(one.wait_event("connection_opened")) << one.log();
  EXPECT_EQ(one.http("POST", "/votes?wait=peers", "{}").status, 200) << one.log();
  EXPECT_EQ(two.http("POST", "/votes?wait=peers", "{}").status, 200) << two.log();
  one.send_signal(SIGTERM);
  EXPECT_EQ(one.wait_exit(), 0);
  ASSERT_TRUE(two.wait_event("connection_closed"));
  EXPECT_EQ(field(two.events("connection_closed")[0], "reason"), "eof");
}

TEST(NodeTlsProcesses, AnAcceptorThatExpectsAnotherKeyRefuses) {
  const Pair pair(accepting("n1", "somebody else"),
                  [](const std::string& at) { return dialling("n2", "n2", at); });
  EXPECT_TRUE(wait_reason(pair.two, "connection_closed", "wrong_key")) << pair.two.log();
  EXPECT_TRUE(wait_reason(*pair.one, "transition", "tls_failed")) << pair.one->log();
  EXPECT_THAT(pair.one->log(), HasSubstr("refused_by_peer"));
  EXPECT_EQ(pair.one->events("connection_opened").size(), 0U);
}

TEST(NodeTlsProcesses, ADiallerThatExpectsAnotherKeyRefuses) {
  const Pair pair(accepting("n1", "n1"),
                  [](const std::string& at) { return dialling("n2", "somebody else", at); });
  EXPECT_TRUE(wait_reason(*pair.one, "transition", "wrong_key")) << pair.one->log();
  EXPECT_TRUE(wait_reason(pair.two, "connection_closed", "tls_failed")) << pair.two.log();
  EXPECT_EQ(pair.one->events("connection_opened").size(), 0U);
}

TEST(NodeTlsProcesses, APlaintextNodeAndASecureOneDoNotMeet) {
  const Pair pair(accepting("n1", "n1"),
                  [](const std::string& at) { return dialling("n2", "n2", at, "plaintext"); });
  EXPECT_TRUE(wait_reason(pair.two, "connection_closed", "tls_failed")) << pair.two.log();
  EXPECT_THAT(pair.two.log(), HasSubstr("transport: plaintext"));
  EXPECT_TRUE(wait_reason(*pair.one, "transition", "handshake_failed")) << pair.one->log();
  EXPECT_EQ(pair.one->events("connection_opened").size(), 0U);
}

TEST(NodeTlsProcesses, AStreamOfVotesArrivesWhole) {
  const Pair pair(accepting("n1", "n1"),
                  [](const std::string& at) { return dialling("n2", "n2", at); });
  ASSERT_TRUE(pair.one->wait_event("connection_opened")) << pair.one->log();
  for (int i = 0; i < 200; ++i)
    pair.one->cast();
  ASSERT_TRUE(pair.one->wait_event("vote_acked", 200)) << pair.one->log();
  EXPECT_EQ(pair.two.events("vote_stored").size(), 200U);
  EXPECT_EQ(pair.one->events("send").size(), 200U);
}

TEST(NodeTlsProcesses, AKilledPeerIsNoticedAtOnce) {
  Pair pair(accepting("n1", "n1"), [](const std::string& at) { return dialling("n2", "n2", at); });
  ASSERT_TRUE(pair.one->wait_event("connection_opened")) << pair.one->log();
  pair.two.send_signal(SIGKILL);
  ASSERT_EQ(pair.two.wait_exit(), -SIGKILL);
  ASSERT_TRUE(pair.one->wait_event("connection_closed"));
  // The kernel of a killed process says FIN; there is no goodbye of TLS, and none is asked for.
  EXPECT_EQ(field(pair.one->events("connection_closed")[0], "reason"), "eof");
}

TEST(NodeTlsProcesses, AKeyFileThatOthersMayReadStopsTheStart) {
  const TemporaryDirectory directory;
  const std::string key = directory.file("key.pem");
  ASSERT_EQ(run_vote_node({"keygen", key}).code, 0);
  ASSERT_EQ(::chmod(key.c_str(), 0644), 0);
  const std::string config = directory.file("n1.yaml");
  std::ofstream(config) << "name: n1\nkey: " << key << "\n";
  const Outcome outcome = run_vote_node({"--config", config});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.output, HasSubstr("chmod 600"));
  EXPECT_EQ(run_vote_node({"keygen", key}).code, 1) << "it exists";
  EXPECT_EQ(run_vote_node({"keygen"}).code, 64);
  EXPECT_EQ(run_vote_node({"pubkey", directory.file("none")}).code, 1);
}

}  // namespace
}  // namespace halfopen::node::test

// Real vote-nodes on loopback: what the core was proven to decide is what the kernel is told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <csignal>
#include <fstream>
#include <iomanip>
#include <sstream>

#include "metrics/names.hpp"
#include "tests/integration/node_process.hpp"

namespace halfopen::node::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string field(const boost::json::object& event, const std::string& name) {
  const auto* value = event.if_contains(name);
  return value == nullptr ? "" : std::string(value->as_string());
}

std::vector<std::string> fields(const std::vector<boost::json::object>& events,
                                const std::string& name) {
  std::vector<std::string> found;
  found.reserve(events.size());
  for (const auto& event : events)
    found.push_back(field(event, name));
  return found;
}

std::string dialling(const std::string& peer, const std::string& address,
                     const std::string& rest = "") {
  return "peers: [{name: " + peer + ", insecure_seed: " + peer + ", address: \"" + address +
         "\"}]\n" + rest;
}

// A naive n1 and whatever plays n2, connected.
class NaiveNode : public ::testing::Test {
 protected:
  void connect() {
    node_.start();
    ASSERT_TRUE(node_.wait_started());
    ASSERT_TRUE(peer_.greet());
    ASSERT_TRUE(node_.wait_event("connection_opened"));
  }
  [[nodiscard]] std::string peers() const { return node_.http("GET", "/peers").body; }

  TemporaryDirectory directory_;
  FakePeer peer_{"n2"};
  NodeProcess node_{directory_, "n1", dialling("n2", peer_.address(), "preset: naive\n")};
};

TEST(NodeProcesses, AVoteIsStoredAndAcknowledged) {
  const TemporaryDirectory directory;
  NodeProcess two(
      directory, "n2",
      "peers: [{name: n1, insecure_seed: n1}]\nstore: " + directory.file("n2.votes") + "\n");
  two.start();
  ASSERT_TRUE(two.wait_started());
  NodeProcess one(directory, "n1", dialling("n2", two.address()));
  one.start();
  ASSERT_TRUE(one.wait_event("connection_opened"));
  const std::string vote = one.cast();
  ASSERT_TRUE(one.wait_event("vote_acked")) << one.log();
  EXPECT_EQ(field(one.events("vote_acked")[0], "vote"), vote);
  EXPECT_THAT(fields(one.events("send"), "result"), ElementsAre("OK")) << "one write a frame";
  EXPECT_EQ(field(two.events("vote_stored")[0], "vote"), vote);
  EXPECT_EQ(field(two.events("vote_stored")[0], "outcome"), "stored");
  EXPECT_THAT(two.http("GET", "/votes").body, HasSubstr("\"id\":\"" + vote + "\""));
  EXPECT_THAT(one.http("GET", "/metrics").body,
              HasSubstr("votenode_votes_acked_total{peer=\"n2\"} 1"));
  one.send_signal(SIGTERM);
  EXPECT_EQ(one.wait_exit(), 0);
  EXPECT_EQ(one.events("stopped").size(), 1U);
  ASSERT_TRUE(two.wait_event("connection_closed"));
  EXPECT_EQ(field(two.events("connection_closed")[0], "reason"), "eof") << "a FIN, not a RST";
}

TEST(NodeProcesses, NaiveAgainstAKilledPeerSaysBrokenPipe) {
  const TemporaryDirectory directory;
  NodeProcess two(directory, "n2", "preset: naive\npeers: [{name: n1, insecure_seed: n1}]\n");
  two.start();
  ASSERT_TRUE(two.wait_started());
  NodeProcess one(directory, "n1", dialling("n2", two.address(), "preset: naive\n"));
  one.start();
  ASSERT_TRUE(one.wait_event("connection_opened"));
  one.cast();
  ASSERT_TRUE(one.wait_event("vote_acked"));
  two.send_signal(SIGKILL);
  ASSERT_EQ(two.wait_exit(), -SIGKILL);
  EXPECT_EQ(one.events("connection_closed").size(), 0U) << "nobody was looking";
  const std::string lost = one.cast();
  const std::string late = one.cast();
  ASSERT_TRUE(one.wait_event("vote_abandoned", 2));
  EXPECT_THAT(fields(one.events("send"), "result"), ElementsAre("OK", "OK", "OK", "EPIPE"));
  EXPECT_EQ(one.events("vote_sent").size(), 1U);
  const auto closed = one.events("connection_closed");
  ASSERT_EQ(closed.size(), 1U);
  EXPECT_EQ(field(closed[0], "reason"), "broken_pipe");
  EXPECT_EQ(field(closed[0], "errno"), "EPIPE");
  EXPECT_EQ(field(closed[0], "second_errno"), "EPIPE");
  EXPECT_EQ(field(closed[0], "so_error"), "OK");
  EXPECT_TRUE(closed[0].contains("tcp_info"));
  const auto transition = one.events("transition").back();
  EXPECT_EQ(field(transition, "from"), "Healthy");
  EXPECT_EQ(field(transition, "to"), "Closed");
  EXPECT_EQ(field(transition, "errno"), "EPIPE");
  EXPECT_THAT(fields(one.events("vote_abandoned"), "vote"), ElementsAre(lost, late));
  EXPECT_THAT(fields(one.events("vote_abandoned"), "reason"),
              ElementsAre("send_failed", "no_connection"));
  EXPECT_THAT(one.log(), HasSubstr("the kernel took 4 of "));
  EXPECT_THAT(one.log(), HasSubstr("send: EPIPE (Broken pipe), then EPIPE"));
  EXPECT_THAT(one.log(), HasSubstr("Removed n2 from the pool: 0 connections left"));
}

TEST_F(NaiveNode, AResetIsNotNoticedWhileIdleAndIsTheFirstErrorThen) {
  connect();
  peer_.close_with_reset();
  // The node answers requests: its reactor has had every chance to see the RST.
  for (int i = 0; i < 3; ++i)
    EXPECT_THAT(peers(), HasSubstr("Healthy"));
  node_.cast();
  ASSERT_TRUE(node_.wait_event("connection_closed"));
  EXPECT_THAT(fields(node_.events("send"), "result"), ElementsAre("ECONNRESET"));
  EXPECT_EQ(field(node_.events("connection_closed")[0], "reason"), "reset");
  EXPECT_EQ(field(node_.events("connection_closed")[0], "second_errno"), "EPIPE");
}

TEST_F(NaiveNode, AFinIsNotNoticedWhileIdle) {
  connect();
  peer_.half_close();
  for (int i = 0; i < 3; ++i)
    EXPECT_THAT(peers(), HasSubstr("Healthy"));
}

TEST_F(NaiveNode, AForgottenConnectionSaysOkThenReset) {
  connect();
  if (!peer_.forget()) GTEST_SKIP() << "TCP_REPAIR needs CAP_NET_ADMIN";
  node_.cast();
  ASSERT_TRUE(node_.wait_event("connection_closed"));
  EXPECT_THAT(fields(node_.events("send"), "result"), ElementsAre("OK", "ECONNRESET"));
  EXPECT_EQ(field(node_.events("connection_closed")[0], "second_errno"), "EPIPE");
}

TEST_F(NaiveNode, OnceAckWaitIsOverNobodyReadsAndTheConnectionStaysInThePool) {
  connect();
  node_.cast();
  ASSERT_TRUE(peer_.receive());
  EXPECT_THAT(peers(), HasSubstr("\"reading\":true"));
  ASSERT_TRUE(wait_until([&] { return peers().find("\"reading\":false") != std::string::npos; }));
  peer_.half_close();
  for (int i = 0; i < 3; ++i)
    EXPECT_THAT(peers(), HasSubstr("Healthy"));
  EXPECT_THAT(fields(node_.events("send"), "result"), ElementsAre("OK", "OK"));
  EXPECT_EQ(node_.events("vote_acked").size(), 0U);
  EXPECT_EQ(node_.events("vote_abandoned").size(), 0U);
}

TEST_F(NaiveNode, StopsWithAFinAlthoughBytesWereNeverRead) {
  connect();
  peer_.send(Ping{1});
  node_.send_signal(SIGTERM);
  EXPECT_EQ(node_.wait_exit(), 0);
  EXPECT_EQ(peer_.wait_end(), 0) << "closing with unread bytes would be a RST";
}

TEST_F(NaiveNode, AFinWhileItWaitsForAnAcknowledgementIsNoticed) {
  connect();
  node_.cast();
  ASSERT_TRUE(peer_.receive());
  peer_.half_close();
  ASSERT_TRUE(node_.wait_event("connection_closed"));
  EXPECT_EQ(field(node_.events("connection_closed")[0], "reason"), "eof");
}

TEST(NodeProcesses, AResilientNodeNoticesAtOnceAndDeliversAfterTheRestart) {
  const TemporaryDirectory directory;
  NodeProcess two(
      directory, "n2",
      "peers: [{name: n1, insecure_seed: n1}]\nstore: " + directory.file("n2.votes") + "\n");
  two.start();
  ASSERT_TRUE(two.wait_started());
  const std::string address = two.address();
  NodeProcess one(directory, "n1",
                  dialling("n2", address, "reconnect: {enabled: true, backoff_max: 200ms}\n"));
  one.start();
  ASSERT_TRUE(one.wait_event("connection_opened"));
  const std::string first = one.cast();
  ASSERT_TRUE(one.wait_event("vote_acked"));
  two.send_signal(SIGKILL);
  ASSERT_EQ(two.wait_exit(), -SIGKILL);
  ASSERT_TRUE(one.wait_event("connection_closed"));
  EXPECT_EQ(field(one.events("connection_closed")[0], "reason"), "eof");
  const std::string second = one.cast();
  NodeProcess again(directory, "n2",
                    "peers: [{name: n1, insecure_seed: n1}]\nlisten: " + address +
                        "\nstore: " + directory.file("n2.votes") + "\n");
  again.start();
  ASSERT_TRUE(one.wait_event("vote_acked", 2)) << one.log();
  const std::string votes = again.http("GET", "/votes").body;
  EXPECT_THAT(votes, HasSubstr(first)) << "kept across SIGKILL";
  EXPECT_THAT(votes, HasSubstr(second));
}

TEST(NodeProcesses, AcceptedVotesSurviveTheirOwnNodesDeath) {
  const TemporaryDirectory directory;
  const std::string store = "store: " + directory.file("n1.votes") + "\n";
  std::string vote;
  {
    NodeProcess one(directory, "n1",
                    "peers: [{name: n2, insecure_seed: n2, address: \"127.0.0.1:1\"}]\n" + store);
    one.start();
    ASSERT_TRUE(one.wait_started());
    vote = one.cast();
    one.send_signal(SIGKILL);
    ASSERT_EQ(one.wait_exit(), -SIGKILL);
  }
  FakePeer peer("n2");
  NodeProcess one(directory, "n1", dialling("n2", peer.address(), store));
  one.start();
  ASSERT_TRUE(peer.greet());
  const auto message = peer.receive();
  ASSERT_TRUE(message && std::holds_alternative<VoteMessage>(*message));
  EXPECT_EQ(id_of(std::get<VoteMessage>(*message).vote.vote).hex(), vote);
  peer.send(Ack{{id_of(std::get<VoteMessage>(*message).vote.vote)}});
  ASSERT_TRUE(one.wait_event("vote_acked"));
  EXPECT_EQ(one.http("POST", "/votes", R"({"height": 1, "kind": "precommit"})").status, 202)
      << "the same vote again";
  EXPECT_EQ(
      one.http("POST", "/votes", "{\"height\": 1, \"choice\": \"" + std::string(64, 'a') + "\"}")
          .status,
      409);
  // Not killed: that a delivery is kept is not promised to anybody, only saves a resend.
  one.send_signal(SIGTERM);
  ASSERT_EQ(one.wait_exit(), 0);
  one.start();
  ASSERT_TRUE(peer.greet());
  ASSERT_TRUE(one.wait_event("connection_opened", 2));
  EXPECT_THAT(one.http("GET", "/metrics").body, HasSubstr("votenode_outbox_votes{peer=\"n2\"} 0"))
      << "what was acknowledged is not owed again";
}

// The port of "1.2.3.4:5" as the kernel's list of sockets writes it.
std::string hexadecimal_port(const std::string& address) {
  std::ostringstream port;
  port << ":" << std::uppercase << std::hex << std::setw(4) << std::setfill('0')
       << std::stoul(address.substr(address.rfind(':') + 1));
  return port.str();
}

struct Timers {
  std::string dialled;   // of the socket that dialled the address
  std::string accepted;  // of the one that was accepted there
  bool operator==(const Timers&) const = default;
};

// From the kernel's list of sockets (proc(5), net/tcp): "02" is a running keep-alive timer.
Timers timers_of(const std::string& address) {
  Timers timers;
  std::ifstream table("/proc/net/tcp");
  std::string line;
  while (std::getline(table, line)) {
    std::istringstream columns(line);
    std::string number, local, remote, state, queues, timer;
    columns >> number >> local >> remote >> state >> queues >> timer;
    if (state != "01") continue;
    if (remote.ends_with(hexadecimal_port(address))) timers.dialled = timer.substr(0, 2);
    if (local.ends_with(hexadecimal_port(address))) timers.accepted = timer.substr(0, 2);
  }
  return timers;
}

TEST(NodeProcesses, KeepaliveIsOnWhereItIsEnabledAndOnlyThere) {
  for (const bool enabled : {true, false}) {
    const TemporaryDirectory directory;
    const std::string defences = std::string("preset: naive\nkeepalive: {enabled: ") +
                                 (enabled ? "true" : "false") + ", idle: 100s}\n";
    NodeProcess two(directory, "n2", "peers: [{name: n1, insecure_seed: n1}]\n" + defences);
    two.start();
    ASSERT_TRUE(two.wait_started());
    NodeProcess one(directory, "n1", dialling("n2", two.address(), defences));
    one.start();
    ASSERT_TRUE(one.wait_event("connection_opened"));
    const Timers expected = enabled ? Timers{"02", "02"} : Timers{"00", "00"};
    EXPECT_TRUE(wait_until([&] { return timers_of(two.address()) == expected; }))
        << "dialled: " << timers_of(two.address()).dialled
        << ", accepted: " << timers_of(two.address()).accepted;
  }
}

TEST(NodeProcesses, PingsAreAnsweredByTheProcessAndNotByItsKernel) {
  const TemporaryDirectory directory;
  FakePeer peer("n2");
  NodeProcess one(
      directory, "n1",
      dialling("n2", peer.address(),
               "preset: naive\nping: {enabled: true, interval: 200ms, timeout: 300ms}\n"));
  one.start();
  ASSERT_TRUE(peer.greet());
  const auto ping = peer.receive();
  ASSERT_TRUE(ping && std::holds_alternative<Ping>(*ping));
  peer.send(Pong{std::get<Ping>(*ping).nonce});
  ASSERT_TRUE(peer.receive());  // the next ping, which nobody answers
  ASSERT_TRUE(one.wait_event("connection_closed"));
  EXPECT_EQ(field(one.events("connection_closed")[0], "reason"), "ping_timeout");
  const std::string metrics = one.http("GET", "/metrics").body;
  EXPECT_THAT(metrics, HasSubstr("votenode_peer_pings_total{outcome=\"answered\",peer=\"n2\"} 1"));
  EXPECT_THAT(metrics, HasSubstr("votenode_peer_pings_total{outcome=\"timeout\",peer=\"n2\"} 1"));
}

TEST(NodeProcesses, EverySeriesIsThereFromTheStart) {
  const TemporaryDirectory directory;
  NodeProcess one(directory, "n1", "peers: [{name: n2, insecure_seed: n2}]\n");
  one.start();
  ASSERT_TRUE(one.wait_started());
  const std::string metrics = one.http("GET", "/metrics").body;
  for (const MetricDefinition& definition : all_metrics()) {
    if (!definition.name.starts_with("votenode_")) continue;
    EXPECT_THAT(metrics, HasSubstr("\n" + std::string(definition.name))) << definition.help;
  }
}

TEST(NodeProcesses, AStrangerIsRefused) {
  const TemporaryDirectory directory;
  NodeProcess two(directory, "n2", "peers: [{name: n1, insecure_seed: n1}]\n");
  two.start();
  ASSERT_TRUE(two.wait_started());
  NodeProcess three(directory, "n3", dialling("n2", two.address()));
  three.start();
  ASSERT_TRUE(two.wait_event("connection_closed"));
  EXPECT_EQ(field(two.events("connection_closed")[0], "reason"), "unknown_peer");
  EXPECT_EQ(two.events("connection_opened").size(), 0U);
}

TEST(NodeProcesses, TheAdminApiAnswers) {
  const TemporaryDirectory directory;
  NodeProcess one(directory, "n1", "");
  one.start();
  ASSERT_TRUE(one.wait_started());
  EXPECT_EQ(one.http("GET", "/healthz").status, 200);
  EXPECT_EQ(one.http("GET", "/readyz").status, 200);
  EXPECT_EQ(one.http("GET", "/peers").body, "{\"peers\":[]}\n");
  EXPECT_EQ(one.http("POST", "/votes", "{\"hight\": 1}").status, 400);
  EXPECT_EQ(one.http("DELETE", "/votes").status, 405);
  EXPECT_EQ(one.http("GET", "/vote").status, 404);
  EXPECT_EQ(one.http("POST", "/drain").status, 202);
  EXPECT_EQ(one.wait_exit(), 0);
}

TEST(NodeCommandLine, BadInputIsExplainedAndAnswered64) {
  const TemporaryDirectory directory;
  const std::string path = directory.file("n.yaml");
  std::ofstream(path) << "name: n1\npings: {enabled: true}\ninsecure_seed: n1\n";
  const Outcome misspelt = run_vote_node({"--config", path});
  EXPECT_EQ(misspelt.code, 64);
  EXPECT_EQ(misspelt.output,
            "vote-node: " + path + ":2:1: unknown key \"pings\": did you mean \"ping\"?\n");
  EXPECT_EQ(run_vote_node({"--config", directory.file("none.yaml")}).code, 64);
  EXPECT_EQ(run_vote_node({}).code, 64);
  const Outcome unknown = run_vote_node({"--config", path, "--log-format", "xml"});
  EXPECT_EQ(unknown.code, 64);
  EXPECT_THAT(unknown.output, StartsWith("vote-node: "));
}

TEST(NodeCommandLine, AnotherNodeWithItsOwnKeyIsNoPeer) {
  const TemporaryDirectory directory;
  const std::string key = directory.file("n1.pem");
  const std::string made = run_vote_node({"keygen", key}).output;
  ASSERT_GT(made.size(), 65U);
  const std::string path = directory.file("n.yaml");
  std::ofstream(path) << "name: n1\nkey: " << key
                      << "\npeers: [{name: n2, key: " << made.substr(made.size() - 65, 64)
                      << "}]\n";
  const Outcome refused = run_vote_node({"--config", path});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.output, HasSubstr("peer n2 has this node's own key"));
}

TEST(NodeCommandLine, HelpAndVersionSayWhatTheProgramIs) {
  const Outcome help = run_vote_node({"--help"});
  EXPECT_EQ(help.code, 0);
  EXPECT_THAT(help.output, HasSubstr("Exit status"));
  EXPECT_EQ(run_vote_node({"--version"}).output, "vote-node " HALFOPEN_VERSION "\n");
}

TEST(NodeCommandLine, AGoodConfigurationIsSaidToBeGood) {
  const TemporaryDirectory directory;
  const std::string path = directory.file("n.yaml");
  std::ofstream(path) << "name: n1\ninsecure_seed: n1\n";
  const Outcome checked = run_vote_node({"--config", path, "--check-config"});
  EXPECT_EQ(checked.code, 0);
  EXPECT_THAT(checked.output, HasSubstr(path + ": good\n"));
}

TEST(NodeCommandLine, APortInUseIsSaidInOneLine) {
  const TemporaryDirectory directory;
  const FakePeer other("n2");
  const std::string path = directory.file("n.yaml");
  for (const char* key : {"listen", "admin"}) {
    std::ofstream(path) << "name: n1\ninsecure_seed: n1\n"
                        << key << ": " << other.address() << "\n";
    const Outcome outcome = run_vote_node({"--config", path});
    EXPECT_EQ(outcome.code, 1);
    EXPECT_THAT(outcome.output, HasSubstr("vote-node: cannot listen on " + other.address() +
                                          ": Address already in use"));
  }
}

}  // namespace
}  // namespace halfopen::node::test

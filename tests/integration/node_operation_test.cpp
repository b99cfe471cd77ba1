// Real vote-nodes as an operator runs them: reload, drain, status, a Unix socket, the service
// manager's socket. What each part decides is proven by the unit tests; here is that the parts are
// connected.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <csignal>
#include <cstring>
#include <fstream>

#include "node/shell/config.hpp"
#include "tests/integration/node_process.hpp"

namespace halfopen::node::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string head(const std::string& name) {
  return "name: " + name + "\ninsecure_seed: " + name + "\ntransport: plaintext\n";
}

// A node whose configuration the test writes and rewrites.
class OperatedNode : public ::testing::Test {
 protected:
  OperatedNode() { write(peers("")); }

  [[nodiscard]] std::string file() const { return directory_.file("n1.yaml"); }
  void write(const std::string& rest) const {
    std::ofstream(file()) << "name: n1\nevents: " << directory_.file("n1.events.jsonl") << "\n"
                          << "insecure_seed: n1\ntransport: plaintext\n"
                          << rest;
  }
  [[nodiscard]] std::string peers(const std::string& more) const {
    return "peers:\n  - {name: n2, insecure_seed: n2, address: \"" + peer_.address() + "\"}\n" +
           more;
  }
  void start(const std::string& config) {
    write(config);
    node_.start();
    ASSERT_TRUE(node_.wait_started()) << node_.log();
  }
  [[nodiscard]] boost::json::object get(const std::string& path) const {
    return boost::json::parse(node_.http("GET", path).body).as_object();
  }
  [[nodiscard]] boost::json::value peer(std::size_t place) const {
    return get("/peers").at("peers").at(place);
  }

  TemporaryDirectory directory_;
  FakePeer peer_{"n2"};
  NodeProcess node_{directory_, "n1", ""};
};

TEST_F(OperatedNode, AReloadChangesPeersAndTouchesNoHealthyLink) {
  start(peers("  - {name: n3, insecure_seed: n3}\n"));
  ASSERT_TRUE(peer_.greet());
  ASSERT_TRUE(node_.wait_event("connection_opened"));
  const auto connection = peer(0).at("conn");
  write(peers("  - {name: n4, insecure_seed: n4, weight: 5}\n"));
  node_.send_signal(SIGHUP);
  ASSERT_TRUE(node_.wait_event("reloaded"));
  EXPECT_EQ(node_.events("reloaded")[0].at("outcome"), "peers added: n4; peers removed: n3");
  ASSERT_EQ(get("/peers").at("peers").as_array().size(), 2U);
  EXPECT_EQ(peer(0).at("conn"), connection) << "the same connection";
  EXPECT_EQ(peer(0).at("state"), "Healthy");
  EXPECT_EQ(peer(1).at("name"), "n4");
  EXPECT_EQ(node_.http("GET", "/peers/n3/history").status, 404);
  EXPECT_EQ(get("/readyz").at("total_weight"), 7);
  const std::string metrics = node_.http("GET", "/metrics").body;
  EXPECT_THAT(metrics, HasSubstr("votenode_peer_up{peer=\"n4\"} 0"));
  EXPECT_THAT(metrics, Not(HasSubstr("votenode_peer_up{peer=\"n3\"}")));
  EXPECT_TRUE(node_.events("connection_closed").empty());
  // Not even when the peer's own entry changes in what no connection depends on.
  write("peers:\n  - {name: n2, insecure_seed: n2, weight: 3, address: \"" + peer_.address() +
        "\"}\n");
  EXPECT_EQ(node_.http("POST", "/reload").body,
            "{\"added\":[],\"removed\":[\"n4\"],\"changed\":[\"n2\"],\"ignored\":[]}\n");
  EXPECT_EQ(peer(0).at("conn"), connection);
}

TEST_F(OperatedNode, ABadFileLeavesEverythingAsItIs) {
  start(peers(""));
  ASSERT_TRUE(peer_.greet());
  ASSERT_TRUE(node_.wait_event("connection_opened"));
  write("peers: [\n");
  node_.send_signal(SIGHUP);
  ASSERT_TRUE(node_.wait_event("reloaded"));
  EXPECT_THAT(node_.log(), HasSubstr("Reload failed, everything stays as it was: " + file() + ":"));
  EXPECT_EQ(peer(0).at("state"), "Healthy");
  const HttpAnswer refused = node_.http("POST", "/reload");
  EXPECT_EQ(refused.status, 422);
  EXPECT_THAT(refused.body, HasSubstr("not YAML"));
  std::ofstream(file()) << head("n9") << "peers: [{name: n1, insecure_seed: x}]\n";
  EXPECT_THAT(node_.http("POST", "/reload").body, HasSubstr("another node's configuration?"));
  EXPECT_EQ(get("/peers").at("peers").as_array().size(), 1U);
}

TEST_F(OperatedNode, OtherKeysAreNamedAndIgnored) {
  start(peers(""));
  write(peers("") + "network: other\nping: {interval: 9s}\n");
  EXPECT_THAT(node_.http("POST", "/reload").body,
              HasSubstr("\"ignored\":[\"network\",\"ping.interval\"]"));
  EXPECT_THAT(node_.log(), HasSubstr("ignored until a restart: network, ping.interval"));
  EXPECT_EQ(get("/node").at("network"), "lab");
}

TEST_F(OperatedNode, ADrainFinishesWhatIsUnderWayAndTakesNoMore) {
  start(peers("") + "drain_timeout: 20s\n");
  ASSERT_TRUE(peer_.greet());
  ASSERT_TRUE(node_.wait_event("connection_opened"));
  const std::string vote = node_.cast();
  ASSERT_TRUE(peer_.receive());
  EXPECT_EQ(node_.http("POST", "/drain").status, 202);
  EXPECT_EQ(node_.http("GET", "/readyz").status, 503);
  EXPECT_EQ(node_.http("GET", "/healthz").status, 200) << "a node that drains is alive";
  EXPECT_EQ(node_.http("POST", "/votes").status, 503);
  EXPECT_TRUE(node_.events("stopped").empty()) << "the vote is not acknowledged yet";
  peer_.send(Ack{{*VoteId::from_hex(vote)}});
  EXPECT_EQ(node_.wait_exit(), 0);
  EXPECT_EQ(node_.events("vote_acked").size(), 1U);
  EXPECT_EQ(peer_.wait_end(), 0) << "a FIN";
}

TEST_F(OperatedNode, ASecondSignalEndsAtOnce) {
  // Nothing else may end the wait.
  start(peers("") + "drain_timeout: 1h\nping: {enabled: false}\nretry: {ack_deadline: 1h}\n");
  ASSERT_TRUE(peer_.greet());
  ASSERT_TRUE(node_.wait_event("connection_opened"));
  (void)node_.cast();
  ASSERT_TRUE(peer_.receive());
  node_.send_signal(SIGTERM);
  ASSERT_TRUE(wait_until([&] { return node_.http("GET", "/readyz").status == 503; }));
  node_.send_signal(SIGTERM);
  ASSERT_EQ(node_.wait_exit(), 0);
  EXPECT_EQ(node_.events("stopped")[0].at("reason"), "SIGTERM");
  EXPECT_THAT(node_.log(), HasSubstr("Stopping at once on a second signal"));
}

TEST_F(OperatedNode, ReadinessCanAskForAQuorum) {
  start(peers(""));
  EXPECT_EQ(node_.http("GET", "/readyz").status, 200);
  EXPECT_THAT(node_.http("GET", "/readyz?quorum=1").body, HasSubstr("weight 1 of 2"));
  ASSERT_TRUE(peer_.greet());
  ASSERT_TRUE(node_.wait_event("connection_opened"));
  EXPECT_EQ(node_.http("GET", "/readyz?quorum=1").status, 200);
}

TEST_F(OperatedNode, TheHistoryHasTheKernelsEvidence) {
  start(peers(""));
  ASSERT_TRUE(peer_.greet());
  ASSERT_TRUE(node_.wait_event("connection_opened"));
  peer_.close_with_reset();
  ASSERT_TRUE(node_.wait_event("connection_closed"));
  const auto history = get("/peers/n2/history");
  bool is_found = false;
  for (const auto& entry : history.at("transitions").as_array()) {
    if (entry.at("from") != "Healthy") continue;
    is_found = true;
    EXPECT_EQ(entry.at("reason"), "reset");
    EXPECT_EQ(entry.at("errno"), "ECONNRESET");
    EXPECT_TRUE(entry.as_object().contains("second_errno"));
    EXPECT_TRUE(entry.as_object().contains("so_error"));
    EXPECT_TRUE(entry.at("tcp_info").as_object().contains("retransmits"));
  }
  EXPECT_TRUE(is_found);
}

TEST_F(OperatedNode, AVoteIsTalliedAndTheTallyIsPaged) {
  start(peers(""));
  for (int i = 0; i < 3; ++i)
    (void)node_.cast();
  const auto page = get("/tally?after_height=1&limit=1");
  ASSERT_EQ(page.at("slots").as_array().size(), 1U);
  EXPECT_EQ(page.at("slots").at(0).at("height"), 2);
  EXPECT_EQ(page.at("slots").at(0).at("choices").at(0).at("weight"), 1);
  EXPECT_EQ(page.at("slots").at(0).at("choices").at(0).at("quorum"), false);
  EXPECT_EQ(page.at("next"), 2);
  EXPECT_TRUE(get("/tally?after_height=2").at("next").is_null());
}

TEST_F(OperatedNode, AnEquivocationIsShownWithBothVotes) {
  start(peers(""));
  ASSERT_TRUE(peer_.greet());
  const SigningKey key = *parse_config(head("n2"), "n2.yaml")->node.key;
  for (const char digit : {'a', 'b'}) {
    Vote vote{.network = "lab", .height = 1, .voter = key.public_key(), .time_milliseconds = 1};
    vote.choice = Choice::from_hex(std::string(64, digit));
    peer_.send(VoteMessage{sign(vote, key)});
  }
  ASSERT_TRUE(node_.wait_event("equivocation"));
  const auto pair = get("/evidence").at("evidence").at(0);
  EXPECT_EQ(pair.at("voter"), key.public_key().hex().c_str());
  EXPECT_EQ(pair.at("first").at("choice"), std::string(64, 'a').c_str());
  EXPECT_EQ(pair.at("second").at("choice"), std::string(64, 'b').c_str());
  EXPECT_EQ(pair.at("second").at("signature").as_string().size(), 128U);
}

TEST_F(OperatedNode, StatusAndHistoryArePrintedForAPerson) {
  const std::string socket = directory_.file("n1.sock");
  start(peers("") + "admin: unix:" + socket + "\n");
  ASSERT_TRUE(peer_.greet());
  ASSERT_TRUE(node_.wait_event("connection_opened"));
  struct stat status {};
  ASSERT_EQ(::stat(socket.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  for (const auto& which :
       {std::vector<std::string>{"--admin", "unix:" + socket}, {"--config", file()}}) {
    const Outcome shown = run_vote_node({"status", which[0], which[1]});
    EXPECT_EQ(shown.code, 0) << shown.output;
    EXPECT_THAT(shown.output, StartsWith("n1 in network lab"));
    EXPECT_THAT(shown.output, HasSubstr("n2    Healthy"));
  }
  const Outcome history = run_vote_node({"history", "n2", "--config", file()});
  EXPECT_EQ(history.code, 0);
  EXPECT_THAT(history.output, HasSubstr("Handshaking -> Healthy  hello"));
  const Outcome unknown = run_vote_node({"history", "nx", "--config", file()});
  EXPECT_EQ(unknown.code, 1);
  EXPECT_THAT(unknown.output, HasSubstr("no peer is called nx"));
  // A second node cannot take the socket of one that lives; a dead one's is taken.
  const std::string other = directory_.file("other.yaml");
  std::ofstream(other) << head("n7") << "admin: unix:" << socket << "\n";
  const Outcome refused = run_vote_node({"--config", other});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.output, HasSubstr("somebody answers"));
  node_.send_signal(SIGKILL);
  EXPECT_EQ(node_.wait_exit(), -SIGKILL);
  const Outcome gone = run_vote_node({"status", "--config", file()});
  EXPECT_EQ(gone.code, 1);
  EXPECT_THAT(gone.output, HasSubstr("vote-node: no node answers at unix:" + socket));
  node_.start();
  ASSERT_TRUE(node_.wait_started()) << node_.log();
  node_.send_signal(SIGTERM);
  EXPECT_EQ(node_.wait_exit(), 0);
  EXPECT_NE(::stat(socket.c_str(), &status), 0) << "the file goes with its node";
}

TEST(NodeSocketPath, AFileThatIsNoSocketIsLeftAlone) {
  const TemporaryDirectory directory;
  const std::string path = directory.file("precious");
  std::ofstream(path) << "text";
  const std::string config = directory.file("n.yaml");
  std::ofstream(config) << head("n1") << "admin: unix:" << path << "\n";
  const Outcome outcome = run_vote_node({"--config", config});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.output, HasSubstr("cannot listen on unix:" + path));
  std::string text;
  std::ifstream(path) >> text;
  EXPECT_EQ(text, "text");
}

TEST(NodeCommandLineOperation, WarningsAreErrorsOnlyWhenTheyAreAskedToBe) {
  const TemporaryDirectory directory;
  const std::string path = directory.file("n.yaml");
  std::ofstream(path) << head("n1") << "ping: {interval: 2s, timeout: 3s}\n";
  const std::string warning = path + ":4:31: warning: ping.timeout: 3s is longer";
  const Outcome lenient = run_vote_node({"--config", path, "--check-config"});
  EXPECT_EQ(lenient.code, 0);
  EXPECT_THAT(lenient.output, HasSubstr(warning));
  const Outcome strict = run_vote_node({"--config", path, "--check-config", "--strict"});
  EXPECT_EQ(strict.code, 64);
  EXPECT_THAT(strict.output, HasSubstr(warning));
  EXPECT_EQ(run_vote_node({"--config", path, "--strict"}).code, 64) << "it does not start";
}

TEST(NodeCommandLineOperation, ASchemaIsPrinted) {
  const Outcome schema = run_vote_node({"schema"});
  EXPECT_EQ(schema.code, 0);
  EXPECT_EQ(boost::json::parse(schema.output).at("type"), "object");
}

TEST(NodeCommandLineOperation, WhichNodeMustBeClear) {
  EXPECT_EQ(run_vote_node({"status"}).code, 64);
  EXPECT_EQ(run_vote_node({"status", "--admin", "127.0.0.1:0"}).code, 64);
  EXPECT_EQ(run_vote_node({"status", "--admin", "localhost:1"}).code, 64);
  EXPECT_EQ(run_vote_node({"history", "--admin", "127.0.0.1:1"}).code, 64);
}

// The service manager, played by the test.
class NotifySocket {
 public:
  explicit NotifySocket(const std::string& path)
      : descriptor_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    EXPECT_EQ(::bind(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
    ::setenv("WATCHDOG_USEC", "20000", 1);
  }
  ~NotifySocket() {
    ::unsetenv("NOTIFY_SOCKET");
    ::unsetenv("WATCHDOG_USEC");
    ::close(descriptor_);
  }
  NotifySocket(const NotifySocket&) = delete;
  NotifySocket& operator=(const NotifySocket&) = delete;

  [[nodiscard]] bool wait_for(const std::string& text) {
    return wait_until([&] {
      std::string piece(4096, '\0');
      const ssize_t count = ::recv(descriptor_, piece.data(), piece.size(), 0);
      if (count > 0) heard_.append(piece, 0, static_cast<std::size_t>(count));
      const auto found = heard_.find(text);
      if (found == std::string::npos) return false;
      heard_.erase(0, found + text.size());
      return true;
    });
  }

 private:
  int descriptor_;
  std::string heard_;
};

TEST_F(OperatedNode, TheServiceManagerHearsOfEverything) {
  NotifySocket manager(directory_.file("notify"));
  start(peers(""));
  EXPECT_TRUE(manager.wait_for("READY=1\nSTATUS=Listening for peers on " + node_.address()));
  EXPECT_TRUE(manager.wait_for("WATCHDOG=1"));
  EXPECT_TRUE(manager.wait_for("WATCHDOG=1")) << "again and again";
  node_.send_signal(SIGHUP);
  EXPECT_TRUE(manager.wait_for("RELOADING=1\nMONOTONIC_USEC="));
  EXPECT_TRUE(manager.wait_for("READY=1"));
  node_.send_signal(SIGTERM);
  EXPECT_TRUE(manager.wait_for("STOPPING=1"));
  EXPECT_EQ(node_.wait_exit(), 0);
}

}  // namespace
}  // namespace halfopen::node::test

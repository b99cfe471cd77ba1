#include "node/shell/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace halfopen::node {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string problem_of(const std::string& text) {
  const bool has_key = text.find("\nkey:") != std::string::npos ||
                       text.find("\ninsecure_seed:") != std::string::npos;
  // Behind the rest, so that the mistake keeps its line.
  const auto config = parse_config(has_key ? text : text + "key: n.pem\n", "n.yaml");
  return config.has_error() ? config.error().text : "no problem";
}

TEST(NodeConfig, ANameAndAKeyAreEnough) {
  const auto config = parse_config("name: n1\nkey: n1.pem\n", "n.yaml");
  ASSERT_TRUE(config.has_value()) << config.error().text;
  EXPECT_EQ(config->node.network, "lab");
  EXPECT_EQ(config->key_path, "n1.pem");
  EXPECT_EQ(config->transport, Transport::kTls);
  EXPECT_TRUE(config->node.authenticates);
  EXPECT_EQ(config->listen, "127.0.0.1:0");
  EXPECT_EQ(config->preset, Preset::kResilient);
  EXPECT_TRUE(config->node.defences.keepalive.enabled);
  EXPECT_TRUE(config->node.defences.watch_idle);
  EXPECT_EQ(config->node.defences.writes_per_frame, 1);
}

TEST(NodeConfig, SingleKeysOverrideThePresetWhereverItStands) {
  const auto config = parse_config(R"(
name: n1
insecure_seed: n1
transport: plaintext
weight: 3
retention: {votes: 20000}
ping: {enabled: true, interval: 2s, timeout: 500ms}
keepalive: {enabled: true, idle: 1s, interval: 2s, count: 4}
user_timeout: {enabled: true, timeout: 2500ms}
reconnect: {enabled: true, backoff_min: 50ms, backoff_max: 2s, dial_timeout: 1s}
retry: {enabled: true, ack_deadline: 700ms}
ack_wait: 300ms
seed: 9
peers:
  - {name: n2, address: 127.0.2.1:7000, insecure_seed: n2, weight: 2}
  - {name: n3, key: 7777777777777777777777777777777777777777777777777777777777777777}
preset: naive
)",
                                   "n.yaml");
  ASSERT_TRUE(config.has_value()) << config.error().text;
  const Defences& defences = config->node.defences;
  EXPECT_EQ(config->preset, Preset::kNaive);
  EXPECT_TRUE(defences.ping.enabled);
  EXPECT_EQ(defences.ping.interval, seconds(2));
  EXPECT_EQ(defences.ping.timeout, milliseconds(500));
  EXPECT_EQ(defences.keepalive.count, 4);
  EXPECT_EQ(defences.keepalive.interval, seconds(2));
  EXPECT_EQ(defences.user_timeout.timeout, milliseconds(2500));
  EXPECT_EQ(defences.reconnect.backoff_max, seconds(2));
  EXPECT_EQ(defences.retry.ack_deadline, milliseconds(700));
  EXPECT_EQ(defences.ack_wait, milliseconds(300));
  EXPECT_FALSE(defences.watch_idle);
  EXPECT_EQ(defences.writes_per_frame, 2);
  EXPECT_EQ(config->node.seed, 9U);
  ASSERT_EQ(config->node.peers.size(), 2U);
  EXPECT_TRUE(config->node.peers[0].dials);
  EXPECT_EQ(config->peer_addresses[0], "127.0.2.1:7000");
  EXPECT_FALSE(config->node.peers[1].dials);
  EXPECT_FALSE(config->node.authenticates);
  EXPECT_TRUE(config->node.key.has_value());
  EXPECT_EQ(config->node.weight, 3U);
  EXPECT_EQ(config->node.retention_votes, 20'000U);
  EXPECT_EQ(config->node.peers[0].weight, 2U);
  EXPECT_EQ(config->node.peers[1].key.hex(), std::string(64, '7'));
}

TEST(NodeConfig, TheNaivePresetHasNoDefence) {
  const Defences defences = defences_of(Preset::kNaive);
  EXPECT_FALSE(defences.keepalive.enabled);
  EXPECT_FALSE(defences.user_timeout.enabled);
  EXPECT_FALSE(defences.ping.enabled);
  EXPECT_FALSE(defences.reconnect.enabled);
  EXPECT_FALSE(defences.retry.enabled);
  EXPECT_FALSE(defences.watch_idle);
  EXPECT_EQ(defences.writes_per_frame, 2);
  EXPECT_EQ(defences.ack_wait, seconds(1));
}

TEST(NodeConfig, AMisspeltKeyIsNamedWithItsPlace) {
  EXPECT_EQ(problem_of("name: n1\npings: {enabled: true}\n"),
            "n.yaml:2:1: unknown key \"pings\": did you mean \"ping\"?");
  EXPECT_EQ(problem_of("name: n1\nping: {enabeld: true}\n"),
            "n.yaml:2:8: unknown key \"ping.enabeld\": did you mean \"enabled\"?");
  EXPECT_EQ(problem_of("name: n1\nzzzzzz: 1\n"), "n.yaml:2:1: unknown key \"zzzzzz\"");
}

TEST(NodeConfig, EveryMistakeHasItsLine) {
  const std::vector<std::pair<std::string, std::string>> mistakes{
      {"listen: 127.0.0.1:0\n", "\"name\" is required"},
      {"name: 'n 1'\n", "n.yaml:1:7: \"name\" is required: a name of 1 to 64"},
      {"name: n1\nname: n2\n", "n.yaml:2:1: key \"name\" is there twice"},
      {"name: n1\npreset: brave\n", "n.yaml:2:9: \"preset\" must be resilient or naive"},
      {"name: n1\nping: off\n", "n.yaml:2:7: \"ping\" must be a mapping"},
      {"name: n1\nping: false\n", "n.yaml:2:7: \"ping\" must be a mapping"},
      {"name: n1\nping: {enabled: yes}\n", "\"ping.enabled\" must be true or false"},
      {"name: n1\nping: {interval: 10}\n",
       "n.yaml:2:18: \"ping.interval\" is wrong: \"10\" is not"},
      {"name: n1\nping: {interval: 0}\n", "\"ping.interval\" must be from 1ms to 1d"},
      {"name: n1\nkeepalive: {idle: 1500ms}\n", "\"keepalive.idle\" must be whole seconds"},
      {"name: n1\nkeepalive: {idle: 40000s}\n", "\"keepalive.idle\" must be from 1s"},
      {"name: n1\nkeepalive: {count: 128}\n", "\"keepalive.count\" must be a whole number from 1"},
      {"name: n1\nreconnect: {backoff_min: 9s}\n", "\"reconnect.backoff_max\" must not be less"},
      {"name: n1\nwrites_per_frame: 3\n",
       "\"writes_per_frame\" must be a whole number from 1 to 2"},
      {"name: n1\nlisten: localhost:1\n", "n.yaml:2:9: \"listen\" is wrong"},
      {"name: n1\nkey: a.pem\ninsecure_seed: a\n", "\"key\" is required"},
      {"name: n1\ntransport: ssl\n", "\"transport\" must be tls or plaintext"},
      {"name: n1\nweight: -1\n", "\"weight\" must be a whole number"},
      {"name: n1\nretention: {votes: 100}\n", "\"retention.votes\" must be"},
      {"name: n1\npeers: [{name: n2}]\n", "\"peers.key\" is required"},
      {"name: n1\npeers: [{name: n2, key: ab}]\n", "must be 64 hexadecimal digits"},
      {"name: n1\npeers: [{name: n2, insecure_seed: a}, {name: n3, insecure_seed: a}]\n",
       "\"peers.name\" has the key of \"n2\""},
      {"name: n1\nadmin: 0.0.0.0:80\n", "\"admin\" must be a loopback address"},
      {"name: n1\nseed: -1\n", "\"seed\" must be a whole number"},
      {"name: n1\npeers: {}\n", "n.yaml:2:8: \"peers\" must be a list"},
      {"name: n1\npeers: [{address: 127.0.0.1:1}]\n", "\"peers.name\" is required"},
      {"name: n1\npeers: [{name: n1}]\n", "\"peers.name\" is this node's own name"},
      {"name: n1\npeers: [{name: n2, insecure_seed: a}, {name: n2, insecure_seed: b}]\n",
       "\"peers.name\" is there twice"},
      {"name: n1\npeers: [{name: n2, address: 1.2.3.4:0, insecure_seed: a}]\n",
       "needs the peer's port"},
      {"name: n1\npeers: [{name: n2, adress: 1.2.3.4:1, insecure_seed: a}]\n",
       "did you mean \"address\"?"},
      {"name: [n1\n", "not YAML"},
      {"name: n1\n  x: {{\n", "not YAML"},
  };
  for (const auto& [text, expected] : mistakes) {
    EXPECT_THAT(problem_of(text), HasSubstr(expected)) << text;
    EXPECT_THAT(problem_of(text), StartsWith("n.yaml")) << text;
  }
}

TEST(NodeConfig, AFileWithoutAMappingOrAKeyIsSaid) {
  const std::vector<std::pair<std::string, std::string>> mistakes{
      {"", "n.yaml: this file must be a mapping"},
      {"[]", "this file must be a mapping"},
      {"name: n1\n", "\"key\" is required"},
  };
  for (const auto& [text, expected] : mistakes) {
    const auto config = parse_config(text, "n.yaml");
    ASSERT_TRUE(config.has_error()) << text;
    EXPECT_THAT(config.error().text, HasSubstr(expected)) << text;
  }
}

TEST(NodeConfig, AFileThatIsNotThereIsSaid) {
  const auto config = load_config("/nonexistent/n.yaml");
  ASSERT_TRUE(config.has_error());
  EXPECT_EQ(config.error().text, "/nonexistent/n.yaml: cannot read this file");
}

}  // namespace
}  // namespace halfopen::node

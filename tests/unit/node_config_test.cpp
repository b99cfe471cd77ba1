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
  const auto config = parse_config(text, "n.yaml");
  return config.has_error() ? config.error().text : "no problem";
}

TEST(NodeConfig, ANameIsEnough) {
  const auto config = parse_config("name: n1\n", "n.yaml");
  ASSERT_TRUE(config.has_value()) << config.error().text;
  EXPECT_EQ(config->node.network, "lab");
  EXPECT_EQ(config->listen, "127.0.0.1:0");
  EXPECT_EQ(config->preset, Preset::kResilient);
  EXPECT_TRUE(config->node.defences.keepalive.enabled);
  EXPECT_TRUE(config->node.defences.watch_idle);
  EXPECT_EQ(config->node.defences.writes_per_frame, 1);
}

TEST(NodeConfig, SingleKeysOverrideThePresetWhereverItStands) {
  const auto config = parse_config(R"(
name: n1
ping: {enabled: true, interval: 2s, timeout: 500ms}
keepalive: {enabled: true, idle: 1s, interval: 2s, count: 4}
user_timeout: {enabled: true, timeout: 2500ms}
reconnect: {enabled: true, backoff_min: 50ms, backoff_max: 2s, dial_timeout: 1s}
retry: {enabled: true, ack_deadline: 700ms}
ack_wait: 300ms
seed: 9
peers:
  - {name: n2, address: 127.0.2.1:7000}
  - {name: n3}
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
      {"", "n.yaml: this file must be a mapping"},
      {"[]", "this file must be a mapping"},
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
      {"name: n1\nadmin: 0.0.0.0:80\n", "\"admin\" must be a loopback address"},
      {"name: n1\nseed: -1\n", "\"seed\" must be a whole number"},
      {"name: n1\npeers: {}\n", "n.yaml:2:8: \"peers\" must be a list"},
      {"name: n1\npeers: [{address: 127.0.0.1:1}]\n", "\"peers.name\" is required"},
      {"name: n1\npeers: [{name: n1}]\n", "\"peers.name\" is this node's own name"},
      {"name: n1\npeers: [{name: n2}, {name: n2}]\n", "\"peers.name\" is there twice"},
      {"name: n1\npeers: [{name: n2, address: 1.2.3.4:0}]\n", "needs the peer's port"},
      {"name: n1\npeers: [{name: n2, adress: 1.2.3.4:1}]\n", "did you mean \"address\"?"},
      {"name: [n1\n", "not YAML"},
      {"name: n1\n  x: {{\n", "not YAML"},
  };
  for (const auto& [text, expected] : mistakes) {
    EXPECT_THAT(problem_of(text), HasSubstr(expected)) << text;
    EXPECT_THAT(problem_of(text), StartsWith("n.yaml")) << text;
  }
}

TEST(NodeConfig, AFileThatIsNotThereIsSaid) {
  const auto config = load_config("/nonexistent/n.yaml");
  ASSERT_TRUE(config.has_error());
  EXPECT_EQ(config.error().text, "/nonexistent/n.yaml: cannot read this file");
}

}  // namespace
}  // namespace halfopen::node

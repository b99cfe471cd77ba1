#include "node/shell/config_change.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace halfopen::node {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string kRunning = R"(
name: n1
insecure_seed: a
peers:
  - {name: n2, insecure_seed: b, address: "127.0.0.1:1"}
  - {name: n3, insecure_seed: c}
)";

ConfigChange change_to(const std::string& text) {
  const auto running = parse_config(kRunning, "n.yaml");
  const auto fresh = parse_config(text, "n.yaml");
  EXPECT_TRUE(running.has_value() && fresh.has_value()) << fresh.error().text;
  return compare(*running, *fresh);
}

TEST(NodeConfigChange, TheSameIsNoChange) {
  const ConfigChange change = change_to(kRunning);
  EXPECT_FALSE(change.has_peers());
  EXPECT_EQ(describe(change), "nothing changed");
}

TEST(NodeConfigChange, PeersComeGoAndChange) {
  const ConfigChange change = change_to(R"(
name: n1
insecure_seed: a
peers:
  - {name: n2, insecure_seed: b, address: "127.0.0.1:2"}
  - {name: n4, insecure_seed: d}
)");
  EXPECT_TRUE(change.has_peers());
  EXPECT_EQ(describe(change), "peers added: n4; peers removed: n3; peers changed: n2");
}

TEST(NodeConfigChange, AnotherKeyOrWeightIsAChange) {
  EXPECT_THAT(
      change_to("name: n1\ninsecure_seed: a\npeers: [{name: n3, insecure_seed: x}]\n").changed,
      ElementsAre("n3"));
  EXPECT_THAT(
      change_to("name: n1\ninsecure_seed: a\npeers: [{name: n3, insecure_seed: c, weight: 2}]\n")
          .changed,
      ElementsAre("n3"));
}

TEST(NodeConfigChange, EveryOtherKeyIsNamedAndIgnored) {
  const std::string text = kRunning +
                           "network: other\nlisten: 127.0.0.1:9\nstore: x\nlog_level: warn\n"
                           "transport: plaintext\nping: {interval: 9s}\nretention: {votes: 20000}\n"
                           "watch_idle: false\ndrain_timeout: 2s\nweight: 3\n";
  EXPECT_THAT(change_to(text).ignored,
              ElementsAre("drain_timeout", "listen", "log_level", "network", "ping.interval",
                          "retention.votes", "store", "transport", "watch_idle", "weight"));
  EXPECT_THAT(change_to("name: n1\ninsecure_seed: other\n").ignored, ElementsAre("insecure_seed"));
  EXPECT_THAT(describe(change_to(text)), HasSubstr("ignored until a restart: drain_timeout, "));
}

TEST(NodeConfigChange, APresetIsNamedWithWhatItTakesAway) {
  const ConfigChange change = change_to(kRunning + "preset: naive\n");
  EXPECT_THAT(change.ignored, ::testing::IsSupersetOf({"preset", "ping.enabled", "watch_idle"}));
}

}  // namespace
}  // namespace halfopen::node

// Each warning at its boundary: the number that draws it, and the nearest one that does not.
#include "node/core/settings_warnings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "node/shell/config.hpp"

namespace halfopen::node {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

// Four nodes of one weight, every defence on, a store, keys in files: nothing to say.
NodeSettings good() {
  NodeSettings settings;
  settings.name = "n1";
  for (const char* name : {"n2", "n3", "n4"}) {
    PeerSettings peer;
    peer.name = name;
    peer.dials = true;
    settings.peers.push_back(peer);
  }
  return settings;
}

std::vector<std::string> keys(const NodeSettings& settings, const OperatingFacts& facts = {}) {
  std::vector<std::string> found;
  for (const SettingsWarning& warning : warnings_of(settings, facts))
    found.push_back(warning.key);
  return found;
}

std::string text(const NodeSettings& settings, const std::string& key) {
  for (const SettingsWarning& warning : warnings_of(settings, {})) {
    if (warning.key == key) return warning.text;
  }
  return "no warning";
}

TEST(NodeSettingsWarnings, TheDefaultsAreGood) {
  EXPECT_THAT(keys(good()), IsEmpty());
}

TEST(NodeSettingsWarnings, APingTimeoutMayNotBeLongerThanItsInterval) {
  NodeSettings settings = good();
  settings.defences.ping.timeout = settings.defences.ping.interval;
  EXPECT_THAT(keys(settings), IsEmpty());
  settings.defences.ping.timeout += milliseconds(1);
  EXPECT_THAT(keys(settings), ElementsAre("ping.timeout"));
  EXPECT_THAT(text(settings, "ping.timeout"), HasSubstr("longer than ping.interval 10s"));
}

TEST(NodeSettingsWarnings, SlowDefencesLoseAgainstMiddleboxes) {
  NodeSettings settings = good();
  settings.defences.keepalive = {true, seconds(26), seconds(5), 3};
  settings.defences.user_timeout.timeout = seconds(40);
  EXPECT_THAT(keys(settings), ElementsAre("keepalive.idle"));
  EXPECT_THAT(text(settings, "keepalive.idle"), HasSubstr("here only ping keeps the mapping"));
  settings.defences.ping.interval = seconds(26);
  EXPECT_THAT(keys(settings), ElementsAre("keepalive.idle", "ping.interval"));
  EXPECT_THAT(text(settings, "keepalive.idle"), HasSubstr("nothing here keeps the mapping"));
  settings.defences.keepalive.idle = seconds(25);
  settings.defences.user_timeout.timeout = seconds(39);
  EXPECT_THAT(keys(settings), ElementsAre("ping.interval"));
  settings.defences.ping.interval = seconds(25);
  EXPECT_THAT(keys(settings), IsEmpty());
}

TEST(NodeSettingsWarnings, UserTimeoutBelongsJustUnderKeepalive) {
  const std::vector<std::pair<Duration, std::string>> cases{
      {seconds(31), "is above keepalive's idle + interval x count = 30s"},
      {seconds(30), "a race"},
      {milliseconds(29'999), "no warning"},
      {milliseconds(25'001), "no warning"},
      {seconds(25), "dead after 2 of 3 probes"},
      {seconds(20), "dead after 1 of 3 probes"},
      {seconds(6), "dead after 1 of 3 probes"},
  };
  for (const auto& [timeout, expected] : cases) {
    NodeSettings settings = good();
    settings.defences.user_timeout.timeout = timeout;
    EXPECT_THAT(text(settings, "user_timeout.timeout"), HasSubstr(expected)) << timeout.count();
  }
}

TEST(NodeSettingsWarnings, AnAckDeadlineIsNeitherAlwaysNorNeverFirst) {
  NodeSettings settings = good();
  settings.defences.retry.ack_deadline = milliseconds(999);
  EXPECT_THAT(text(settings, "retry.ack_deadline"), HasSubstr("always first"));
  settings.defences.retry.ack_deadline = seconds(1);
  EXPECT_THAT(keys(settings), IsEmpty());
  settings.defences.retry.ack_deadline = seconds(29);
  EXPECT_THAT(text(settings, "retry.ack_deadline"), HasSubstr("not below user_timeout 29s"));
  settings.defences.user_timeout.enabled = false;
  EXPECT_THAT(keys(settings), IsEmpty());
  settings.defences.retry.ack_deadline = minutes(3);
  EXPECT_THAT(keys(settings), ElementsAre("retry.ack_deadline"));
}

TEST(NodeSettingsWarnings, DialsAndBackoffHaveSaneBounds) {
  NodeSettings settings = good();
  ReconnectSettings& reconnect = settings.defences.reconnect;
  reconnect.dial_timeout = seconds(134);
  EXPECT_THAT(keys(settings), IsEmpty());
  reconnect.dial_timeout = seconds(135);
  EXPECT_THAT(text(settings, "reconnect.dial_timeout"), HasSubstr("134"));
  EXPECT_THAT(text(settings, "reconnect.dial_timeout"), HasSubstr("never reached"));
  reconnect.dial_timeout = milliseconds(200);
  EXPECT_THAT(keys(settings), ElementsAre("reconnect.dial_timeout"));
  reconnect = {};
  reconnect.backoff_max = minutes(10);
  EXPECT_THAT(keys(settings), ElementsAre("reconnect.backoff_max"));
  reconnect.backoff_max = reconnect.backoff_min = milliseconds(1);
  EXPECT_THAT(keys(settings), ElementsAre("reconnect.backoff_max"));
  reconnect = {};
  reconnect.stable_after = Duration{0};
  EXPECT_THAT(keys(settings), ElementsAre("reconnect.stable_after"));
}

TEST(NodeSettingsWarnings, MissingDefencesAreNamed) {
  NodeSettings settings = good();
  settings.defences.retry.enabled = false;
  EXPECT_THAT(keys(settings), ElementsAre("retry.enabled"));
  settings = good();
  settings.defences.reconnect.enabled = false;
  EXPECT_THAT(text(settings, "reconnect.enabled"), HasSubstr("retry keeps wait for ever"));
  for (PeerSettings& peer : settings.peers)
    peer.dials = false;
  EXPECT_THAT(keys(settings), IsEmpty()) << "who is dialled needs no reconnection";
  settings = good();
  settings.defences.keepalive.enabled = false;
  settings.defences.ping.enabled = false;
  settings.defences.watch_idle = false;
  EXPECT_THAT(keys(settings), ElementsAre("watch_idle", "ping.enabled"));
  EXPECT_THAT(text(settings, "watch_idle"), HasSubstr("found by the next vote only"));
  settings = good();
  settings.defences.user_timeout.enabled = false;
  settings.defences.retry.enabled = false;
  settings.defences.ping.enabled = false;
  EXPECT_THAT(keys(settings), ElementsAre("user_timeout.enabled", "retry.enabled", "ping.enabled"));
}

TEST(NodeSettingsWarnings, ThePresetNaiveIsOneWarning) {
  NodeSettings settings = good();
  settings.defences = defences_of(Preset::kNaive);
  EXPECT_THAT(keys(settings, {.is_naive = true}), ElementsAre("preset"));
}

TEST(NodeSettingsWarnings, ALateDetectionIsCountedOut) {
  NodeSettings settings = good();
  settings.defences.ping.enabled = false;
  settings.defences.keepalive = {true, seconds(25), seconds(50), 3};
  settings.defences.user_timeout.timeout = seconds(174);
  EXPECT_THAT(text(settings, "keepalive.idle"), HasSubstr("idle + interval x count = 2m55s"));
}

TEST(NodeSettingsWarnings, TrustIsNotAssumedSilently) {
  EXPECT_THAT(keys(good(), {.is_plaintext = true,
                            .is_store_durable = false,
                            .has_insecure_key = true,
                            .insecure_peers = {1, 2}}),
              ElementsAre("insecure_seed", "peers[1].insecure_seed", "transport", "store"));
}

TEST(NodeSettingsWarnings, WeightsMustAllowAQuorum) {
  NodeSettings settings = good();
  settings.peers.pop_back();  // three of one weight: all are needed
  EXPECT_THAT(text(settings, "weight"), HasSubstr("others have 2, which is not more than two"));
  settings = good();
  settings.weight = 7;  // of 10
  EXPECT_THAT(text(settings, "weight"), HasSubstr("n1 alone has weight 7 of 10"));
  settings.weight = 0;
  for (PeerSettings& peer : settings.peers)
    peer.weight = 0;
  EXPECT_THAT(text(settings, "weight"), HasSubstr("no quorum"));
  settings.peers.clear();
  EXPECT_THAT(keys(settings), ElementsAre("peers"));
}

TEST(NodeSettingsWarnings, ADrainEndsBeforeTheServiceManagerEndsIt) {
  NodeSettings settings = good();
  settings.drain_timeout = seconds(89);
  EXPECT_THAT(keys(settings), IsEmpty());
  settings.drain_timeout = seconds(90);
  EXPECT_THAT(keys(settings), ElementsAre("drain_timeout"));
}

// --- where they stand ---

TEST(NodeConfigWarnings, EachNamesItsPlaceInTheFile) {
  const auto config = parse_config(
      "name: n1\nkey: n1.pem\nstore: n1.votes\n"
      "ping:\n  interval: 3s\n  timeout: 5s\n"
      "retry: {ack_deadline: 100ms}\n"
      "peers:\n  - {name: n2, insecure_seed: b}\n",
      "n.yaml");
  ASSERT_TRUE(config.has_value()) << config.error().text;
  EXPECT_THAT(warnings_of(*config),
              ElementsAre(StartsWith("n.yaml:6:12: warning: ping.timeout: 5s is longer"),
                          StartsWith("n.yaml:7:23: warning: retry.ack_deadline: 100ms is less"),
                          StartsWith("n.yaml:9:31: warning: peers[0].insecure_seed: anyone")));
}

TEST(NodeConfigWarnings, AKeyThatIsNotThereStandsWhereItsMappingDoes) {
  const auto config =
      parse_config("name: n1\nkey: n1.pem\nkeepalive: {idle: 25s}\npeers: []\n", "n.yaml");
  ASSERT_TRUE(config.has_value()) << config.error().text;
  EXPECT_THAT(warnings_of(*config),
              ElementsAre(StartsWith("n.yaml:1:1: warning: user_timeout.timeout: 29s is far below"),
                          StartsWith("n.yaml:1:1: warning: store: none"),
                          StartsWith("n.yaml:4:8: warning: peers: none")));
}

}  // namespace
}  // namespace halfopen::node

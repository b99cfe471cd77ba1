// The proxy world as data: which processes, with which files, and which operations a step becomes.
#include "harness/worlds/proxy_world.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

namespace halfopen {
namespace {

Scenario two_nodes() {
  Scenario scenario;
  NodeSpec dialer;
  dialer.name = "n1";
  dialer.config = {{"preset", "naive"}};
  NodeSpec listener;
  listener.name = "n2";
  scenario.nodes = {dialer, listener};
  LinkSpec link;
  link.id = "n1-n2";
  link.dialer = "n1";
  link.listener = "n2";
  link.inside = "n1";
  link.faults = {{"nat", "nat", {{"idle_timeout", "3s"}}, {}}};
  scenario.links = {link};
  return scenario;
}

boost::json::object config_of(const ProxyWorld& world, const std::string& name) {
  for (const ProcessSpec& process : world.processes()) {
    if (process.name == name) return boost::json::parse(process.config_text).as_object();
  }
  ADD_FAILURE() << "there is no process " << name;
  return {};
}

TEST(ProxyWorld, TheDialerIsToldTheProxyAndTheListenerOnlyAName) {
  const Scenario scenario = two_nodes();
  const ProxyWorld world(scenario);
  const auto dialer = config_of(world, "n1");
  EXPECT_EQ(dialer.at("listen").as_string(), "127.0.1.1:7000");
  EXPECT_EQ(dialer.at("preset").as_string(), "naive");
  const auto& peer = dialer.at("peers").as_array().at(0).as_object();
  EXPECT_EQ(peer.at("name").as_string(), "n2");
  EXPECT_EQ(peer.at("address").as_string(), "127.0.2.1:7000");
  const auto listener = config_of(world, "n2");
  EXPECT_FALSE(listener.at("peers").as_array().at(0).as_object().contains("address"));
}

TEST(ProxyWorld, ListenersStartBeforeDialersAndTheProxyFirst) {
  const Scenario scenario = two_nodes();
  const auto processes = ProxyWorld(scenario).processes();
  ASSERT_EQ(processes.size(), 3U);
  EXPECT_EQ(processes[0].name, "fault-proxy");
  EXPECT_TRUE(processes[0].network_admin);
  EXPECT_EQ(processes[1].name, "n2");
  EXPECT_EQ(processes[2].name, "n1");
  EXPECT_FALSE(processes[2].network_admin);
}

TEST(ProxyWorld, TheNatsInsideIsTheListenersLegWhenTheListenerIsBehindIt) {
  Scenario scenario = two_nodes();
  scenario.links[0].inside = "n2";
  for (const ProcessSpec& process : ProxyWorld(scenario).processes()) {
    if (process.name != "fault-proxy") continue;
    const auto proxies = boost::json::parse(process.config_text);
    const auto& fault = proxies.at(0).at("faults").at(0).as_object();
    EXPECT_EQ(fault.at("attributes").at("inside").as_string(), "upstream");
  }
}

TEST(ProxyWorld, AStreamFaultsStreamAndToxicityStandAboveItsAttributes) {
  const Scenario scenario = two_nodes();
  const auto operations = ProxyWorld(scenario).carry_out(SetFault{
      "n1-n2",
      {"slow", "latency", {{"latency", "10ms"}, {"stream", "upstream"}, {"toxicity", 0.5}}, {}}});
  ASSERT_TRUE(operations.has_value());
  EXPECT_EQ(boost::json::parse(std::get<HttpCall>(operations->front()).body),
            boost::json::parse(R"({"name": "slow", "type": "latency", "stream": "upstream",
                                   "toxicity": 0.5, "attributes": {"latency": "10ms"}})"));
}

TEST(ProxyWorld, ARestartDarkensTheLinkBeforeTheProcessEndsAndLightsItAfterItIsReady) {
  const Scenario scenario = two_nodes();
  const auto operations = ProxyWorld(scenario).carry_out(
      RestartNode{"n2", RestartKind::kPowerLoss, std::chrono::seconds(2)});
  ASSERT_TRUE(operations.has_value());
  ASSERT_EQ(operations->size(), 5U);
  EXPECT_EQ(std::get<HttpCall>((*operations)[0]).method, "POST");
  EXPECT_NE(std::get<HttpCall>((*operations)[0]).body.find("power_loss"), std::string::npos);
  EXPECT_FALSE(std::get<EndProcess>((*operations)[1]).graceful);
  EXPECT_EQ(std::get<Pause>((*operations)[2]).duration, std::chrono::seconds(2));
  EXPECT_EQ(std::get<StartProcess>((*operations)[3]).name, "n2");
  EXPECT_EQ(std::get<HttpCall>((*operations)[4]).method, "DELETE");
}

TEST(ProxyWorld, APowerLossOfADiallingNodeIsSaidToBeImpossibleHere) {
  Scenario scenario = two_nodes();
  scenario.steps.push_back({"loss", {}, RestartNode{"n2", RestartKind::kPowerLoss, {}}});
  EXPECT_TRUE(ProxyWorld(scenario).check().has_value());
  scenario.steps.push_back({"loss", {}, RestartNode{"n1", RestartKind::kPowerLoss, {}}});
  const auto possible = ProxyWorld(scenario).check();
  ASSERT_TRUE(possible.has_error());
  EXPECT_NE(possible.error().text.find("n1"), std::string::npos);
}

TEST(ProxyWorld, WhatOnlyARealNetworkHasIsSaidToBeImpossibleHere) {
  Scenario lossy = two_nodes();
  lossy.links[0].faults.push_back({"loss", "one_way_loss", {{"toward", "inside"}}, {}});
  EXPECT_TRUE(ProxyWorld(lossy).check().has_error());
  for (const ProcessSpec& process : ProxyWorld(lossy).processes())
    EXPECT_EQ(process.config_text.find("one_way_loss"), std::string::npos) << process.name;
  Scenario tuned = two_nodes();
  tuned.nodes[0].sysctls = {{"net.ipv4.tcp_retries2", "3"}};
  EXPECT_TRUE(ProxyWorld(tuned).check().has_error());
}

TEST(ProxyWorld, AFlushIsACallToTheProxyAndOnlyTheNodesOwnEndIsDestroyed) {
  const ProxyWorld world(two_nodes());
  const auto flush = world.carry_out(FlushNat{"n1-n2", "nat"});
  ASSERT_TRUE(flush.has_value());
  EXPECT_EQ(std::get<HttpCall>(flush->front()).path, "/proxies/n1-n2/faults/nat/flush");
  const auto dialer = world.carry_out(DestroyConnections{"n1", ""});
  ASSERT_TRUE(dialer.has_value());
  EXPECT_EQ(std::get<DestroySockets>(dialer->front()).remote, "127.0.2.1:7000");
  const auto listener = world.carry_out(DestroyConnections{"n2", "n1"});
  ASSERT_TRUE(listener.has_value());
  EXPECT_EQ(std::get<DestroySockets>(listener->front()).local, "127.0.1.2:7000");
}

TEST(ProxyWorld, AnotherCommandGetsItsAddressesByTemplateAndTakesNoVotes) {
  Scenario scenario = two_nodes();
  scenario.nodes[1].argv = {"server", "--listen", "{address}:7000", "--via={link:n1-n2}"};
  const ProxyWorld world(scenario);
  for (const ProcessSpec& process : world.processes()) {
    if (process.name != "n2") continue;
    EXPECT_EQ(process.argv[2], "127.0.1.2:7000");
    EXPECT_EQ(process.argv[3], "--via=127.0.2.1:7000");
    EXPECT_TRUE(process.http.empty());
  }
  EXPECT_TRUE(world.cast("n2").has_error());
  EXPECT_TRUE(world.cast("n1").has_value());
}

}  // namespace
}  // namespace halfopen

// The kernel world as data: namespaces, interfaces and rules, and what each step becomes.
#include "harness/worlds/kernel_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace halfopen {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

Scenario behind_nat(boost::json::object attributes) {
  Scenario scenario;
  scenario.nodes.resize(2);
  scenario.nodes[0].name = "n1";
  scenario.nodes[1].name = "n2";
  LinkSpec link;
  link.id = "n1-n2";
  link.dialer = link.inside = "n1";
  link.listener = "n2";
  if (!attributes.empty()) link.faults = {{"nat", "nat", std::move(attributes), {}}};
  scenario.links = {link};
  return scenario;
}

NamespaceSpec namespace_of(const Scenario& scenario, const std::string& name) {
  for (NamespaceSpec& spec : KernelWorld(scenario).namespaces()) {
    if (spec.name == name) return std::move(spec);
  }
  ADD_FAILURE() << "there is no namespace " << name;
  return {};
}

std::string why_not(boost::json::object attributes) {
  const auto possible = KernelWorld(behind_nat(std::move(attributes))).check();
  return possible.has_error() ? possible.error().text : "";
}

TEST(KernelWorld, EachNodeHasANamespaceAndEachLinkARouterThatComesFirst) {
  const auto namespaces = KernelWorld(behind_nat({{"idle_timeout", "3s"}})).namespaces();
  ASSERT_EQ(namespaces.size(), 3U);
  EXPECT_EQ(namespaces[0].name, "router:n1-n2");
  EXPECT_THAT(namespaces[0].interfaces, HasSubstr("peer name link1 netns {namespace:n1}"));
  EXPECT_EQ(namespaces[1].name, "n1");
  EXPECT_EQ(namespaces[2].name, "n2");
}

TEST(KernelWorld, TheOutsideOfANatHasNoRouteToItsInside) {
  const std::string inside_net = "10.66.1.0/24";
  const Scenario translated = behind_nat({{"idle_timeout", "3s"}});
  EXPECT_THAT(namespace_of(translated, "n2").interfaces, Not(HasSubstr(inside_net)));
  EXPECT_THAT(namespace_of(behind_nat({}), "n2").interfaces, HasSubstr(inside_net));
}

TEST(KernelWorld, ANatThatIsSetLaterTranslatesFromTheStart) {
  Scenario scenario = behind_nat({});
  scenario.steps.push_back(
      {"later", {}, SetFault{"n1-n2", {"nat", "nat", {{"idle_timeout", "3s"}}, {}}}});
  const NamespaceSpec router = namespace_of(scenario, "router:n1-n2");
  EXPECT_THAT(router.rules, HasSubstr("masquerade"));
  EXPECT_EQ(router.sysctls.at("net.netfilter.nf_conntrack_tcp_timeout_established"), "432000");
}

TEST(KernelWorld, AdminEndpointsStayOnTheNodesOwnLoopback) {
  const auto processes = KernelWorld(behind_nat({})).processes();
  ASSERT_EQ(processes.size(), 2U);
  EXPECT_EQ(processes[0].name, "n2") << "listeners first";
  for (const ProcessSpec& process : processes) {
    EXPECT_EQ(process.http, "127.0.0.1:8000");
    EXPECT_EQ(process.network_namespace, process.name);
  }
  const auto dialer = boost::json::parse(processes[1].config_text);
  EXPECT_EQ(dialer.at("peers").at(0).at("address").as_string(), "10.77.2.1:7000");
}

TEST(KernelNat, EachActionOnTheNextPacketIsLooseOrNotWithItsRules) {
  const auto rules = [](const char* inside, const char* outside) {
    const auto nat = kernel_nat(
        {{"idle_timeout", "3s"}, {"on_next_packet", {{"inside", inside}, {"outside", outside}}}});
    EXPECT_TRUE(nat.has_value());
    return std::pair{nat_rules(*nat, InvalidPackets::kDrop),
                     nat_sysctls(*nat).at("net.netfilter.nf_conntrack_tcp_loose")};
  };
  EXPECT_THAT(rules("drop", "drop").first, HasSubstr("ct state invalid drop"));
  EXPECT_EQ(rules("drop", "drop").second, "0");
  EXPECT_THAT(rules("drop", "drop").first, HasSubstr("iifname \"outside\" drop"));
  EXPECT_THAT(rules("drop", "rst").first, Not(HasSubstr("iifname \"outside\" drop")));
  EXPECT_THAT(rules("rst", "rst").first, HasSubstr("reject with tcp reset"));
  EXPECT_EQ(rules("repick_same_port", "drop").second, "1");
  EXPECT_THAT(rules("repick_same_port", "drop").first, Not(HasSubstr("fully-random")));
  EXPECT_THAT(rules("repick_new_port", "drop").first, HasSubstr("fully-random"));
  EXPECT_EQ(rules("repick_new_port", "drop").second, "1");
}

TEST(KernelNat, InvalidPacketsAreForwardedOnlyWhereThatIsAskedFor) {
  const auto nat = kernel_nat({{"idle_timeout", "3s"}});
  ASSERT_TRUE(nat.has_value());
  EXPECT_THAT(nat_rules(*nat, InvalidPackets::kForward), Not(HasSubstr("invalid")));
}

TEST(KernelNat, OneWordForBothSidesMeansWhatItMeansToTheProxy) {
  const auto reset = kernel_nat({{"idle_timeout", "3s"}, {"on_next_packet", "rst"}});
  ASSERT_TRUE(reset.has_value());
  EXPECT_TRUE(reset->outside_is_reset);
  const auto repick = kernel_nat({{"idle_timeout", "3s"}, {"on_next_packet", "repick_same_port"}});
  ASSERT_TRUE(repick.has_value());
  EXPECT_EQ(repick->inside, KernelNat::Inside::kRepickSamePort);
  EXPECT_FALSE(repick->outside_is_reset);
  const auto revive = kernel_nat({{"idle_timeout", "3s"}, {"revive_by", "inside"}});
  ASSERT_TRUE(revive.has_value());
  EXPECT_EQ(revive->inside, KernelNat::Inside::kRepickSamePort);
}

TEST(KernelNat, TheUnackedTimeoutIsBothOfConntracks) {
  const auto nat = kernel_nat({{"idle_timeout", "1h"}, {"unacked_timeout", "2s"}});
  ASSERT_TRUE(nat.has_value());
  const auto sysctls = nat_sysctls(*nat);
  EXPECT_EQ(sysctls.at("net.netfilter.nf_conntrack_tcp_timeout_established"), "3600");
  EXPECT_EQ(sysctls.at("net.netfilter.nf_conntrack_tcp_timeout_unacknowledged"), "2");
  EXPECT_EQ(sysctls.at("net.netfilter.nf_conntrack_tcp_timeout_max_retrans"), "2");
}

TEST(KernelWorld, WhatConntrackCannotBeIsSaidWithItsReason) {
  EXPECT_EQ(why_not({{"idle_timeout", "3s"}}), "");
  EXPECT_THAT(why_not({{"idle_timeout", "1500ms"}}), HasSubstr("whole seconds"));
  EXPECT_THAT(why_not({{"idle_timeout", "100d"}}), HasSubstr("cannot count to"));
  EXPECT_THAT(why_not({{"idle_timeout", "3s"}, {"refresh_by", "bytes"}}), HasSubstr("packets"));
  EXPECT_THAT(why_not({{"idle_timeout", "3s"}, {"on_expiry", "fin_both"}}), HasSubstr("silence"));
  EXPECT_THAT(why_not({{"idle_timeout", "3s"}, {"revive_by", "any"}}), HasSubstr("revive_by"));
  EXPECT_THAT(why_not({{"idle_timeout", "3s"}, {"inside", "upstream"}}), HasSubstr("inside"));
  EXPECT_EQ(why_not({{"idle_timeout", "3s"}, {"inside", "client"}}), "");
  Scenario turned = behind_nat({{"idle_timeout", "3s"}});
  turned.links[0].inside = "n2";
  const auto possible = KernelWorld(turned).check();
  ASSERT_TRUE(possible.has_error());
  EXPECT_THAT(possible.error().text, HasSubstr("n1-n2"));
  Scenario restarted = behind_nat({});
  restarted.links[0].faults = {{"restart", "peer_restart", {{"kind", "crash"}}, {}}};
  EXPECT_TRUE(KernelWorld(restarted).check().has_error());
}

TEST(KernelWorld, PowerIsLostCableFirstThenTheProcessThenItsMemory) {
  const auto operations =
      KernelWorld(behind_nat({})).carry_out(RestartNode{"n2", RestartKind::kPowerLoss, seconds(2)});
  ASSERT_TRUE(operations.has_value());
  ASSERT_EQ(operations->size(), 6U);
  EXPECT_THAT(std::get<LoadRules>((*operations)[0]).rules, HasSubstr("\"outside\" drop"));
  EXPECT_FALSE(std::get<EndProcess>((*operations)[1]).graceful);
  EXPECT_EQ(std::get<DestroySockets>((*operations)[2]).network_namespace, "n2");
  EXPECT_EQ(std::get<Pause>((*operations)[3]).duration, seconds(2));
  EXPECT_EQ(std::get<StartProcess>((*operations)[4]).name, "n2");
  EXPECT_THAT(std::get<LoadRules>((*operations)[5]).rules, Not(HasSubstr("drop")));
}

TEST(KernelWorld, AFaultThatIsCalledAsAPowerLossIsLeftAloneByIt) {
  const KernelWorld world(behind_nat({}));
  const auto cut = world.carry_out(SetFault{"n1-n2", {"power_n2", "blackhole", {}, {}}});
  const auto off = world.carry_out(StopNode{"n2", RestartKind::kPowerLoss});
  ASSERT_TRUE(cut.has_value() && off.has_value());
  const auto table = [](const Operation& operation) {
    const std::string& rules = std::get<LoadRules>(operation).rules;
    return rules.substr(0, rules.find('\n'));
  };
  EXPECT_NE(table(cut->front()), table(off->front()));
}

TEST(KernelWorld, AFaultOfACableIsLiftedByItsName) {
  Scenario scenario = behind_nat({});
  const FaultSpec fault{"gap", "one_way_loss", {{"toward", "outside"}}, {}};
  scenario.steps.push_back({"cut", {}, SetFault{"n1-n2", fault}});
  const KernelWorld world(scenario);
  const auto set = world.carry_out(SetFault{"n1-n2", fault});
  ASSERT_TRUE(set.has_value());
  EXPECT_THAT(std::get<LoadRules>(set->front()).rules, HasSubstr("oifname \"outside\" drop"));
  EXPECT_THAT(std::get<LoadRules>(set->front()).rules, Not(HasSubstr("iifname")));
  const auto cleared = world.carry_out(ClearFault{"n1-n2", fault});
  ASSERT_TRUE(cleared.has_value());
  EXPECT_THAT(std::get<LoadRules>(cleared->front()).rules, Not(HasSubstr("oifname")));
}

// The rules that this fault becomes, or why it does not.
std::string rules_of(const FaultSpec& fault) {
  Scenario scenario = behind_nat({});
  scenario.steps.push_back({"cut", {}, SetFault{"n1-n2", fault}});
  const KernelWorld world(scenario);
  if (const auto checked = world.check(); checked.has_error()) return checked.error().text;
  const auto set = world.carry_out(SetFault{"n1-n2", fault});
  return set.has_value() ? std::get<LoadRules>(set->front()).rules : set.error().text;
}

TEST(KernelWorld, ARefusalIsAResetToASynAndToNothingElse) {
  EXPECT_THAT(rules_of({"refuse", "refuse", {}, {}}),
              HasSubstr("tcp flags & (syn | ack) == syn reject with tcp reset"));
}

TEST(KernelWorld, AResetOnTheNextPacketSparesWhoDialsAfterwards) {
  const std::string both = rules_of({"r", "reset_on_next", {}, {}});
  EXPECT_THAT(both, HasSubstr("syn add @fresh { ip saddr . tcp sport }"));
  EXPECT_THAT(both, HasSubstr("ip daddr . tcp dport @fresh accept"));
  EXPECT_THAT(both, HasSubstr("iifname \"outside\" meta l4proto tcp reject with tcp reset"));
  const std::string client = rules_of({"r", "reset_on_next", {{"side", "client"}}, {}});
  EXPECT_THAT(client, HasSubstr("iifname \"inside\" meta l4proto tcp reject with tcp reset"));
  EXPECT_THAT(client, HasSubstr("iifname \"outside\" meta l4proto tcp drop"));
  const std::string all = rules_of({"r", "reset_on_next", {{"new_connections", true}}, {}});
  EXPECT_THAT(all, Not(HasSubstr("@fresh")));
}

TEST(KernelWorld, WhoIsForgottenIsResetAndTheOtherMeetsWhatIsAskedFor) {
  const std::string upstream = rules_of({"a", "asymmetric", {{"forget", "upstream"}}, {}});
  EXPECT_THAT(upstream, HasSubstr("iifname \"outside\" meta l4proto tcp reject"));
  EXPECT_THAT(upstream, HasSubstr("iifname \"inside\" meta l4proto tcp drop"));
}

TEST(KernelWorld, ABlackHoleOfOneDirectionDropsTowardsItsEnd) {
  const std::string upstream = rules_of({"b", "blackhole", {{"direction", "upstream"}}, {}});
  EXPECT_THAT(upstream, HasSubstr("oifname \"outside\" drop"));
  EXPECT_THAT(upstream, Not(HasSubstr("oifname \"inside\"")));
  EXPECT_THAT(rules_of({"b", "blackhole", {{"direction", "downstream"}}, {}}),
              HasSubstr("oifname \"inside\" drop"));
}

TEST(KernelWorld, WhatARouterCannotBeIsRefusedWithTheReason) {
  EXPECT_THAT(rules_of({"h", "half_close", {}, {}}), HasSubstr("a router forges no FIN"));
  EXPECT_THAT(rules_of({"f", "flap", {{"up", "1s"}, {"down", "1s"}}, {}}),
              HasSubstr("a router keeps no timetable"));
  EXPECT_THAT(rules_of({"s", "accept_then_silence", {}, {}}), HasSubstr("no process that could"));
  EXPECT_THAT(rules_of({"l", "latency", {}, {}}), HasSubstr("not streams of bytes"));
  EXPECT_THAT(rules_of({"a", "asymmetric", {{"how", "rst"}}, {}}), HasSubstr("how: silent"));
}

TEST(KernelWorld, OnlyTheConnectionsOfTheNamedPairAreDestroyed) {
  const KernelWorld world(behind_nat({{"idle_timeout", "3s"}}));
  const auto dialer = world.carry_out(DestroyConnections{"n1", ""});
  ASSERT_TRUE(dialer.has_value());
  EXPECT_EQ(std::get<DestroySockets>(dialer->front()).remote, "10.77.2.1:7000");
  const auto listener = world.carry_out(DestroyConnections{"n2", "n1"});
  ASSERT_TRUE(listener.has_value());
  EXPECT_EQ(std::get<DestroySockets>(listener->front()).remote, "10.88.1.1") << "the NAT's address";
}

}  // namespace
}  // namespace halfopen

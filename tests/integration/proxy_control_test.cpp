// The control API: forms, codes and the words of refusals.
#include "tests/integration/proxy_fixture.hpp"

namespace halfopen::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST_F(ProxyTest, BadRequestsAreAnsweredWithCodeAndReason) {
  struct Case {
    const char* method;
    const char* path;
    const char* body;
    int status;
    const char* text;
  };
  const Case cases[] = {
      {"POST", "/proxies", "{", 400, "bad request body: expected JSON"},
      {"POST", "/proxies", "[]", 400, "body: expected a JSON object, got []"},
      {"POST", "/proxies", "{}", 400, "missing required field: name"},
      {"POST", "/proxies", R"({"name": 5})", 400, "name: expected a string, got 5"},
      {"POST", "/proxies", R"({"name": "q"})", 400, "missing required field: upstream"},
      {"POST", "/proxies", R"({"name": "q", "upstream": "nowhere"})", 400,
       "upstream: \\\"nowhere\\\" is not an address: expected IP:PORT"},
      {"POST", "/proxies", R"({"name": "q/r", "upstream": "127.0.0.1:1"})", 400,
       "name: \\\"q/r\\\" could not be addressed in a URL"},
      {"POST", "/proxies", R"({"name": "p", "upstream": "127.0.0.1:1"})", 409,
       "proxy already exists: p"},
      {"POST", "/proxies",
       R"({"name": "q", "upstream": "127.0.0.1:1", "listen": "127.0.2.1:7000"})", 409,
       "cannot listen on 127.0.2.1:7000: Address already in use (choose another port"},
      {"POST", "/proxies", R"({"name": "q", "upstream": "127.0.0.1:1", "lisen": "127.0.0.1:0"})",
       400, "lisen: unknown field, expected name listen upstream"},
      {"POST", "/proxies",
       R"({"name": "q", "upstream": "127.0.0.1:1", "toxics": [{"type": "latency"}]})", 400,
       "toxics: expected null or [] here (this proxy has faults instead: use POST "
       "/proxies/{name}/faults), got [{"},
      {"POST", "/proxies/p", R"({"toxics": {}})", 400, "toxics: expected null or [] here"},
      {"POST", "/proxies/p", R"({"enabled": false, "faults": [{"type": "blackhole"}]})", 400,
       "faults: expected null or [] here (use POST /proxies/{name}/faults to add one"},
      {"GET", "/proxies/nobody", "", 404, "proxy not found: nobody"},
      {"GET", "/proxies/p/faults/none", "", 404, "fault not found: none"},
      {"GET", "/proxies/p/other", "", 404, "page not found: /proxies/p/other"},
      {"GET", "/proxies/", "", 404, "proxy not found"},
      {"PUT", "/proxies", "", 405, "PUT /proxies: expected GET or POST"},
      {"POST", "/proxies/p/faults", R"({"type": "earthquake"})", 400,
       "type: unknown fault type \\\"earthquake\\\", expected one of nat, blackhole"},
      {"POST", "/proxies/p/faults", R"({"type": "nat", "attributes": 3})", 400,
       "attributes: expected an object, got 3"},
      {"POST", "/proxies/p/faults", R"({"type": "nat", "attributes": {"idle_timeout": 3}})", 400,
       "attributes.idle_timeout: expected a duration with its unit"},
      {"POST", "/proxies/p/faults", R"({"type": "blackhole", "attributes": {"x": 1}})", 400,
       "attributes.x: unknown attribute, expected at"},
  };
  for (const Case& each : cases) {
    const auto reply = control(each.method, each.path, each.body);
    EXPECT_EQ(reply.status, each.status) << each.method << each.path << each.body << reply.body;
    EXPECT_THAT(reply.body, AllOf(HasSubstr(each.text),
                                  HasSubstr("\"status\":" + std::to_string(each.status))));
  }
  EXPECT_EQ(control("GET", "/proxies/q").status, 404) << "a refused proxy was made";
  EXPECT_THAT(control("GET", "/proxies/p").body, HasSubstr("\"enabled\":true"));
}

TEST_F(ProxyTest, EmptyListsThatClientsSendAlongAreAllowed) {
  const auto made =
      control("POST", "/proxies", R"({"name": "q", "upstream": "127.0.3.1:7100", "toxics": []})");
  EXPECT_EQ(made.status, 201) << made.body;
  const auto changed = control("POST", "/proxies/q", R"({"toxics": null, "faults": []})");
  EXPECT_EQ(changed.status, 200) << changed.body;
}

TEST_F(ProxyTest, ProxiesAreMadeReadChangedAndDeleted) {
  const auto made = control("POST", "/proxies", R"({"name": "q", "upstream": "127.0.3.1:7100"})");
  EXPECT_EQ(made.status, 201);
  EXPECT_THAT(made.body, HasSubstr("\"listen\":\"127.0.0.1:"));
  EXPECT_THAT(made.body, ::testing::Not(HasSubstr("\"listen\":\"127.0.0.1:0\"")));
  EXPECT_THAT(control("GET", "/proxies").body, AllOf(HasSubstr("\"p\":{"), HasSubstr("\"q\":{")));
  const auto changed = control("POST", "/proxies/q", R"({"enabled": false})");
  EXPECT_EQ(changed.status, 200);
  EXPECT_THAT(changed.body, HasSubstr("\"enabled\":false"));
  EXPECT_EQ(control("DELETE", "/proxies/q").status, 204);
  EXPECT_EQ(control("GET", "/proxies/q").status, 404);
}

TEST_F(ProxyTest, DeletingAProxyClosesItsConnectionsAndItsPort) {
  Pair pair = establish();
  EXPECT_EQ(control("DELETE", "/proxies/p").status, 204);
  EXPECT_EQ(pair.client.receive(kPatience).kind, Received::Kind::kEndOfStream);
  EXPECT_EQ(TestSocket::dial(kListenHost, kListenPort).connect_result(kPatience), ECONNREFUSED);
}

TEST_F(ProxyTest, WhatIsRefusedOrDeletedLeavesNoSeriesBehind) {
  const auto series_of = [&](const std::string& proxy) {
    const std::string page = control("GET", "/metrics").body;
    return page.find("proxy=\"" + proxy + "\"") != std::string::npos;
  };
  const std::string taken =
      R"({"name": "q", "upstream": "127.0.3.1:7100", "listen": "127.0.2.1:7000"})";
  EXPECT_EQ(control("POST", "/proxies", taken).status, 409);
  EXPECT_FALSE(series_of("q"));
  ASSERT_EQ(control("DELETE", "/proxies/p").status, 204);
  EXPECT_FALSE(series_of("p"));
  ASSERT_EQ(control("POST", "/proxies", taken).status, 201) << "the port is free now";
  EXPECT_TRUE(series_of("q"));
  const std::string bad_fault =
      R"({"name": "r", "upstream": "127.0.3.1:7100", "faults": [{"type": "earthquake"}]})";
  EXPECT_EQ(control("POST", "/proxies", bad_fault).status, 400);
  EXPECT_FALSE(series_of("r"));
}

TEST_F(ProxyTest, AProxyDeletedWithConnectionsMayBeMadeAnewAtOnce) {
  Pair pair = establish();
  add_fault("nat", R"({"idle_timeout": "1s"})");
  ASSERT_EQ(control("DELETE", "/proxies/p").status, 204);
  ASSERT_EQ(control("POST", "/proxies",
                    R"({"name": "p", "listen": "127.0.2.1:7000", "upstream": "127.0.3.1:7100"})")
                .status,
            201);
  EXPECT_EQ(metric("fault_proxy_connections{proxy=\"p\"}"), 0);
  EXPECT_EQ(metric("fault_proxy_connections_total{outcome=\"connected\",proxy=\"p\"}"), 0);
  Pair again = establish();
  EXPECT_EQ(metric("fault_proxy_connections{proxy=\"p\"}"), 1);
}

TEST_F(ProxyTest, FaultsAreReadChangedAndListedWithDefaults) {
  add_fault("nat", R"({"idle_timeout": "60s"})");
  EXPECT_THAT(control("GET", "/proxies/p/faults/nat").body,
              AllOf(HasSubstr("\"idle_timeout\":\"1m\""), HasSubstr("\"on_expiry\":\"none\"")));
  const auto changed =
      control("POST", "/proxies/p/faults/nat", R"({"attributes": {"idle_timeout": "90s"}})");
  EXPECT_EQ(changed.status, 200) << changed.body;
  EXPECT_THAT(changed.body, HasSubstr("\"idle_timeout\":\"1m30s\""));
  EXPECT_EQ(control("POST", "/proxies/p/faults", R"({"type": "nat", "name": "second",
                    "attributes": {"idle_timeout": "1s"}})")
                .status,
            409);
  EXPECT_EQ(metric("fault_proxy_fault_active{fault=\"nat\",proxy=\"p\"}"), 1);
  remove_fault("nat");
  EXPECT_EQ(metric("fault_proxy_fault_active{fault=\"nat\",proxy=\"p\"}"), 0);
}

TEST_F(ProxyTest, AFaultThatWouldLeakIsRefusedWithTheRemedy) {
  stop_dropping_marked_packets();
  EXPECT_THAT(control("GET", "/abilities").body, HasSubstr("\"egress_drop\":false"));
  const auto refused = control("POST", "/proxies/p/faults", R"({"type": "blackhole"})");
  EXPECT_EQ(refused.status, 501);
  EXPECT_THAT(refused.body, HasSubstr("nft add rule inet halfopen output meta mark 0x68616c66"));
  EXPECT_EQ(control("POST", "/proxies/p/faults",
                    R"({"type": "peer_restart", "attributes": {"kind": "crash"}})")
                .status,
            200)
      << "what does not need the rule is allowed";
  ASSERT_TRUE(drop_marked_packets(kMark).has_value());
  EXPECT_EQ(control("GET", "/abilities").body,
            "{\"filter\":true,\"repair\":true,\"mark\":true,\"egress_drop\":true}\n");
  EXPECT_EQ(control("POST", "/proxies/p/faults", R"({"type": "blackhole"})").status, 200);
}

TEST_F(ProxyTest, EverySeriesIsThereFromTheStart) {
  for (const char* series :
       {"fault_proxy_connections{proxy=\"p\"}",
        "fault_proxy_connections_total{outcome=\"limit\",proxy=\"p\"}",
        "fault_proxy_bytes_total{direction=\"upstream\",proxy=\"p\"}",
        "fault_proxy_nat_entries{proxy=\"p\"}", "fault_proxy_nat_expired_total{proxy=\"p\"}",
        "fault_proxy_nat_refresh_total{cause=\"keepalive\",proxy=\"p\"}",
        "fault_proxy_nat_sample_interval_seconds{proxy=\"p\"}",
        "fault_proxy_segments_dropped_total{direction=\"upstream\",proxy=\"p\"}",
        "fault_proxy_resets_total{cause=\"relayed\",proxy=\"p\"}",
        "fault_proxy_fault_active{fault=\"nat\",proxy=\"p\"}",
        "fault_proxy_fault_failures_total{fault=\"blackhole\",proxy=\"p\"}"}) {
    EXPECT_EQ(metric(series), 0) << series;
  }
}

}  // namespace
}  // namespace halfopen::test

// The control API: forms, codes and the words of refusals.
#include "tests/integration/proxy_fixture.hpp"

namespace halfopen::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

struct BadRequest {
  const char* method;
  const char* path;
  const char* body;
  int status;
  const char* text;
};
const BadRequest kBadRequests[] = {
    {"POST", "/proxies", "", 400, "bad request body: EOF"},
    {"POST", "/proxies", "{", 400, "bad request body: unexpected EOF"},
    {"POST", "/proxies", "{]", 400,
     "bad request body: invalid character ']' looking for beginning of object key string"},
    {"POST", "/proxies", "[]", 400,
     "bad request body: json: cannot unmarshal array into Go value of type toxiproxy.Proxy"},
    {"POST", "/proxies", "{}", 400, "missing required field: name"},
    {"POST", "/proxies", R"({"name": 5})", 400,
     "cannot unmarshal number into Go struct field Proxy.name of type string"},
    {"POST", "/proxies", R"({"name": "q"})", 400, "missing required field: upstream"},
    {"POST", "/proxies", R"({"name": "q\nr", "upstream": "127.0.0.1:1"})", 400,
     "could not be addressed in a URL"},
    {"POST", "/proxies", R"({"name": "..", "upstream": "127.0.0.1:1"})", 400,
     "could not be addressed in a URL"},
    {"POST", "/proxies", R"({"name": "p", "upstream": "127.0.0.1:1"})", 409,
     "proxy already exists"},
    {"POST", "/proxies", R"({"name": "q", "upstream": "127.0.0.1:1", "listen": "127.0.2.1:7000"})",
     500, "listen tcp 127.0.2.1:7000: bind: address already in use"},
    {"POST", "/proxies", R"({"name": "q", "upstream": "127.0.0.1:1", "listen": "local373"})", 500,
     "listen tcp: address local373: missing port in address"},
    {"POST", "/proxies", R"({"name": "q", "upstream": "127.0.0.1:1", "faults": {}})", 400,
     "faults: expected an array, got {}"},
    {"POST", "/proxies", R"({"name": "q", "upstream": "127.0.0.1:1", "faults": [{"typ": "nat"}]})",
     400, "faults[0]: typ: unknown field, expected name type stream toxicity attributes"},
    {"POST", "/proxies",
     R"({"name": "q", "upstream": "127.0.0.1:1",
         "faults": [{"type": "latency"}, {"type": "latency"}]})",
     409, "faults[1]: fault already exists: latency_downstream"},
    {"POST", "/proxies/p", R"({"enabled": false, "faults": [{"type": "latency"}]})", 400,
     "faults: use POST /proxies/{name}/faults to add one"},
    {"POST", "/proxies/p", R"({"listen": "nonsense"})", 500,
     "address nonsense: missing port in address"},
    {"GET", "/proxies/nobody", "", 404, "proxy not found"},
    {"GET", "/proxies/p/faults/none", "", 404, "fault not found: none"},
    {"GET", "/proxies/p/toxics/none", "", 404, "toxic not found"},
    {"POST", "/proxies/p/faults", R"({"type": "earthquake"})", 400,
     "type: unknown fault type \\\"earthquake\\\", expected one of nat, blackhole"},
    {"POST", "/proxies/p/faults", R"({"type": "nat", "attributes": 3})", 400,
     "attributes: expected an object, got 3"},
    {"POST", "/proxies/p/faults", R"({"type": "nat", "attributes": {"idle_timeout": 3}})", 400,
     "attributes.idle_timeout: expected a duration with its unit"},
    {"POST", "/proxies/p/faults", R"({"type": "blackhole", "attributes": {"x": 1}})", 400,
     "attributes.x: unknown attribute, expected at"},
    {"POST", "/proxies/p/faults", R"({"type": "syn_drop", "stream": "upstream"})", 400,
     "stream: a syn_drop acts on the whole connection, expected both or nothing"},
    {"POST", "/proxies/p/faults", R"({"type": "latency", "stream": "sideways"})", 400,
     "stream: expected one of upstream, downstream, both"},
    {"POST", "/proxies/p/toxics", R"({"type": "syn_drop", "toxicity": 0.5})", 400,
     "toxicity: a syn_drop acts on the whole connection and on every one, expected 1"},
    {"POST", "/proxies/p/toxics", R"({"type": "latency", "stream": ""})", 400,
     "stream was invalid, can be either upstream or downstream"},
    {"POST", "/proxies/p/toxics", R"({"type": "earthquake"})", 400, "invalid toxic type"},
    {"POST", "/proxies/p/toxics", R"({"type": "bandwidth", "attributes": {"rate": -1}})", 400,
     "attributes.rate: expected"},
    {"POST", "/proxies/p/toxics", R"({"type": "slicer"})", 400,
     "attributes.average_size: expected"},
    {"GET", "/proxies/p/connections?limit=all", "", 400, "limit: expected a whole number"},
    {"DELETE", "/proxies/p/connections/x", "", 400, "connection: expected a whole number"},
    {"DELETE", "/proxies/p/connections/9", "", 404, "connection not found: 9"},
    {"DELETE", "/proxies/p/connections?how=gently", "", 400, "how: expected one of rst, fin"},
};

TEST_F(ProxyTest, BadRequestsAreAnsweredWithCodeAndReason) {
  for (const BadRequest& each : kBadRequests) {
    const auto reply = control(each.method, each.path, each.body);
    EXPECT_EQ(reply.status, each.status) << each.method << each.path << each.body << reply.body;
    EXPECT_THAT(reply.body, AllOf(HasSubstr(each.text),
                                  HasSubstr("\"status\":" + std::to_string(each.status))));
  }
  EXPECT_EQ(control("GET", "/proxies/q").status, 404) << "a refused proxy was made";
  EXPECT_THAT(control("GET", "/proxies/p").body, HasSubstr("\"enabled\":true"));
}

TEST_F(ProxyTest, PagesThatAreNotThereAndWrongMethodsAreAnsweredAsByToxiproxy) {
  for (const char* path : {"/", "/proxies/", "/proxies/p/", "/proxies/p/other", "/proxies/p%zz",
                           "/proxies/a%2Fb", "/proxies/p/faults/x/flush/y"}) {
    const auto reply = control("GET", path);
    EXPECT_EQ(reply.status, 404) << path;
    EXPECT_EQ(reply.body, "404 page not found\n") << path;
  }
  for (const char* method : {"PUT", "HEAD", "OPTIONS", "DELETE"}) {
    const auto reply = control(method, "/proxies");
    EXPECT_EQ(reply.status, 405) << method;
    EXPECT_EQ(reply.body, "") << method;
  }
}

TEST_F(ProxyTest, WhatToxiproxyPassesOverIsPassedOver) {
  const auto made = control("POST", "/proxies",
                            R"({"NAME": "q", "Upstream": "127.0.3.1:7100", "toxics": [{"type": 1}],
                                "listen": null, "anything": {}} and more)");
  EXPECT_EQ(made.status, 201) << made.body;
  const auto changed = control("POST", "/proxies/q", R"({"toxics": null, "faults": []})");
  EXPECT_EQ(changed.status, 200) << changed.body;
  const std::string all = control("GET", "/proxies/q").body;
  EXPECT_EQ(control("POST", "/proxies/q", all).body, all) << "what was read may be sent back";
}

TEST_F(ProxyTest, ProxiesAreMadeReadChangedAndDeleted) {
  const auto made = control("POST", "/proxies", R"({"name": "q", "upstream": "127.0.3.1:7100"})");
  EXPECT_EQ(made.status, 201);
  EXPECT_THAT(made.body, HasSubstr("\"listen\":\"[::]:"));
  EXPECT_THAT(made.body, ::testing::Not(HasSubstr("\"listen\":\"[::]:0\"")));
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
  EXPECT_EQ(control("POST", "/proxies", taken).status, 500);
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

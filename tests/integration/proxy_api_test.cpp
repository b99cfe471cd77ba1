// The control API while connections hang: nothing of it waits for one.
#include <chrono>

#include "tests/integration/proxy_fixture.hpp"

namespace halfopen::test {
namespace {

using ::testing::HasSubstr;

class ProxyApiTest : public ProxyTest {
 protected:
  // The best of some calls: one may meet a busy machine, all of them only a server that waits.
  void expect_prompt(const char* when) const {
    auto best = milliseconds::max();
    for (int i = 0; i < 5; ++i) {
      const auto start = std::chrono::steady_clock::now();
      EXPECT_EQ(control("GET", "/proxies").status, 200) << when;
      EXPECT_EQ(control("GET", "/connections").status, 200) << when;
      best = std::min(
          best, std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - start));
    }
    EXPECT_LT(best, milliseconds(200)) << when;
  }
};

TEST_F(ProxyApiTest, AProxyWhoseUpstreamAnswersNoSynIsListedChangedAndDeletedAtOnce) {
  // The packets of a marked socket are dropped, so a dial to this address gets no answer.
  const std::string drop = "nft add rule inet halfopen output ip daddr 127.0.9.9 drop";
  ASSERT_EQ(std::system(drop.c_str()), 0);
  ASSERT_EQ(control("POST", "/proxies",
                    R"({"name": "q", "listen": "127.0.2.2:7000", "upstream": "127.0.9.9:7100"})")
                .status,
            201);
  std::vector<TestSocket> clients;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(TestSocket::dial("127.0.2.2", 7000));
    ASSERT_TRUE(clients.back().wait_connected(kPatience));
  }
  ASSERT_TRUE(wait_until(
      [&] {
        return control("GET", "/proxies/q/connections").body.find("\"dialing\"") !=
               std::string::npos;
      },
      kPatience));
  expect_prompt("while it dials");
  EXPECT_EQ(control("POST", "/proxies/q/toxics", R"({"type": "latency"})").status, 200);
  EXPECT_EQ(control("DELETE", "/proxies/q/toxics/latency_downstream").status, 204);
  EXPECT_EQ(control("DELETE", "/proxies/q").status, 204);
  EXPECT_EQ(clients.front().receive(kPatience).kind, Received::Kind::kEndOfStream);
  expect_prompt("after it is gone");
}

TEST_F(ProxyApiTest, AConnectionIsEndedAsAsked) {
  struct Case {
    const char* how;
    Received::Kind kind;
  };
  for (const Case& each :
       {Case{"?how=rst", Received::Kind::kError}, Case{"?how=fin", Received::Kind::kEndOfStream}}) {
    Pair pair = establish();
    const std::string list = control("GET", "/proxies/p/connections").body;
    EXPECT_THAT(list, HasSubstr("\"client_tcp\":{\"state\":\"ESTABLISHED\""));
    const auto id = list.substr(9, list.find(',') - 9);
    EXPECT_EQ(control("DELETE", "/proxies/p/connections/" + id + each.how).status, 204);
    EXPECT_EQ(pair.client.receive(kPatience).kind, each.kind) << each.how;
    EXPECT_EQ(pair.upstream.receive(kPatience).kind, each.kind) << each.how;
    EXPECT_EQ(first_event("connection_closed").at("reason"), "api");
  }
}

TEST_F(ProxyApiTest, AConnectionThatVanishesSaysNothing) {
  Pair pair = establish();
  auto capture = start_capture();
  EXPECT_EQ(control("DELETE", "/proxies/p/connections?how=vanish").status, 204);
  EXPECT_EQ(control("GET", "/proxies/p/connections").body, "[]\n");
  EXPECT_EQ(sent_by_proxy(capture), "");
  EXPECT_EQ(pair.client.tcp_state(), "ESTABLISHED");
  // Nobody knows this connection any more: what is sent next is answered with a RST.
  EXPECT_EQ(pair.client.send_text("x"), 0);
  EXPECT_TRUE(wait_until([&] { return pair.client.tcp_state() == "CLOSE"; }, kPatience));
}

TEST_F(ProxyApiTest, WhatTheMachineDoesNotAllowIsRefusedAndChangesNothing) {
  proxy_.reset();
  proxy_ = std::make_unique<ChildProcess>(
      std::vector<std::string>{"/usr/bin/setpriv", "--bounding-set", "-net_admin", "--inh-caps",
                               "-net_admin", FAULT_PROXY_PROGRAM},
      stderr_path_);
  ASSERT_TRUE(wait_until([this] { return control("GET", "/version").status == 200; }, kPatience));
  const std::string proxy = R"("listen": "127.0.2.1:7000", "upstream": "127.0.3.1:7100")";
  const auto refused = control("POST", "/proxies",
                               "{\"name\": \"q\", " + proxy +
                                   R"(, "faults": [{"type": "latency"}, {"type": "blackhole"}]})");
  EXPECT_EQ(refused.status, 501);
  EXPECT_THAT(refused.body, HasSubstr("CAP_NET_ADMIN"));
  EXPECT_EQ(control("GET", "/proxies").body, "{}\n");
  ASSERT_EQ(control("POST", "/proxies", "{\"name\": \"p\", " + proxy + "}").status, 201);
  Pair pair = establish();
  EXPECT_EQ(control("DELETE", "/proxies/p/connections?how=vanish").status, 501);
  ASSERT_EQ(pair.client.send_text("x"), 0);
  EXPECT_EQ(pair.upstream.receive_exactly(1, kPatience), "x");
  EXPECT_EQ(control("POST", "/reset").status, 204);
}

}  // namespace
}  // namespace halfopen::test

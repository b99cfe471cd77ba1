#include "proxy/shell/routes.hpp"

#include <gtest/gtest.h>

#include "proxy/shell/api_guard.hpp"
#include "proxy/shell/ctl_client.hpp"
#include "proxy/shell/ctl_table.hpp"

namespace halfopen {
namespace {

TEST(Routes, PathsAreTakenApart) {
  struct Case {
    const char* path;
    Endpoint endpoint;
    const char* proxy;
    const char* item;
  };
  for (const Case& test : {
           Case{"/version", Endpoint::kVersion, "", ""},
           Case{"/connections", Endpoint::kConnections, "", ""},
           Case{"/proxies", Endpoint::kProxies, "", ""},
           Case{"/proxies/p%20q", Endpoint::kProxy, "p q", ""},
           Case{"/proxies/toxics/toxics", Endpoint::kToxics, "toxics", ""},
           Case{"/proxies/p/toxics/t", Endpoint::kToxic, "p", "t"},
           Case{"/proxies/p/faults/f/flush", Endpoint::kFaultFlush, "p", "f"},
           Case{"/proxies/p/connections/17", Endpoint::kConnection, "p", "17"},
       }) {
    const auto route = find_route(test.path);
    ASSERT_TRUE(route) << test.path;
    EXPECT_EQ(route->endpoint, test.endpoint) << test.path;
    EXPECT_EQ(route->proxy, test.proxy);
    EXPECT_EQ(route->item, test.item);
  }
}

TEST(Routes, WhatIsNoPathOfTheApiIsUnknown) {
  for (const char* path : {"", "/", "proxies", "/proxies/", "//proxies", "/proxies//toxics",
                           "/proxies/a%2Fb", "/proxies/a%2", "/proxies/a%zz", "/Version",
                           "/proxies/p/toxics/t/flush", "*", "http://h/version"}) {
    EXPECT_FALSE(find_route(path)) << path;
  }
}

TEST(Routes, EveryEndpointHasItsMethods) {
  EXPECT_TRUE(allows(Endpoint::kProxies, "POST"));
  EXPECT_FALSE(allows(Endpoint::kProxies, "PATCH"));
  EXPECT_TRUE(allows(Endpoint::kToxic, "PATCH"));
  EXPECT_FALSE(allows(Endpoint::kReset, "GET"));
  EXPECT_FALSE(allows(Endpoint::kVersion, "HEAD"));
  EXPECT_FALSE(allows(Endpoint::kVersion, "get"));
}

TEST(Routes, WhatIsEscapedComesBack) {
  const std::string text = "a b/c?d&e=\xc3\xa4%";
  EXPECT_EQ(escape(text), "a%20b%2Fc%3Fd%26e%3D%C3%A4%25");
  EXPECT_EQ(unescape(escape(text)), text);
}

TEST(Routes, AQuerysValuesAreFoundByKey) {
  EXPECT_EQ(query_value("how=rst&proxy=a%20b", "proxy"), "a b");
  EXPECT_EQ(query_value("how&limit=", "how"), "");
  EXPECT_EQ(query_value("how&limit=", "limit"), "");
  EXPECT_EQ(query_value("xhow=1", "how"), std::nullopt);
  EXPECT_EQ(query_value("", "how"), std::nullopt);
}

HttpRequest request_from(const std::string& host, std::optional<std::string> origin = {}) {
  HttpRequest request;
  request.host = host;
  request.origin = std::move(origin);
  return request;
}

TEST(ApiGuard, WebPagesAreRefusedAndProgramsAreNot) {
  const ApiGuard guard;
  for (const char* host : {"127.0.0.1:8474", "localhost:8474", "[::1]:8474", "toxiproxy:8474", "",
                           "LOCALHOST", "api.localhost:1"}) {
    EXPECT_FALSE(guard.check_not_a_page(request_from(host))) << host;
  }
  EXPECT_TRUE(guard.check_not_a_page(request_from("rebound.example.org:8474")));
  EXPECT_TRUE(guard.check_not_a_page(request_from("127.0.0.1", "null")));
  EXPECT_TRUE(guard.check_not_a_page(request_from("127.0.0.1:8474", "http://127.0.0.1")));
  EXPECT_FALSE(guard.check_not_a_page(request_from("127.0.0.1:8474", "http://127.0.0.1:8474")));
  HttpRequest browser = request_from("127.0.0.1");
  browser.user_agent = "Mozilla/5.0 (X11)";
  EXPECT_EQ(guard.check_not_a_page(browser)->body, "User agent not allowed\n");
  EXPECT_FALSE(ApiGuard{"t"}.check_not_a_page(request_from("proxy.example.org")))
      << "who knows the token has been told it";
}

TEST(ApiGuard, TheTokenComesAsBearerOrInTheUrl) {
  const auto is_taken = [](const char* authorization) {
    HttpRequest request;
    request.authorization = authorization;
    return !ApiGuard{"s3cret"}.check_token(request).has_value();
  };
  EXPECT_TRUE(is_taken("Bearer s3cret"));
  EXPECT_TRUE(is_taken("bearer s3cret"));
  EXPECT_TRUE(is_taken("Basic dG9rZW46czNjcmV0"));  // token:s3cret
  EXPECT_FALSE(is_taken("Basic dG9rZW46czNjcmV1"));
  EXPECT_FALSE(is_taken("Basic s3cret"));
  EXPECT_FALSE(is_taken("Bearer dG9rZW46czNjcmV0"));
  EXPECT_FALSE(is_taken("Bearer"));
  EXPECT_FALSE(is_taken("Basic"));
  EXPECT_FALSE(is_taken(""));
  // Every length of the last group.
  for (const auto& [token, text] :
       {std::pair{"a", "dG9rZW46YQ=="}, {"ab", "dG9rZW46YWI="}, {"abc", "dG9rZW46YWJj"}}) {
    HttpRequest request;
    request.authorization = std::string("Basic ") + text;
    EXPECT_FALSE(ApiGuard{token}.check_token(request)) << token;
  }
}

TEST(ApiGuard, SecretsAreComparedWhole) {
  EXPECT_TRUE(equals_in_constant_time("abc", "abc"));
  EXPECT_FALSE(equals_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equals_in_constant_time("abc", "ab"));
  EXPECT_FALSE(equals_in_constant_time("", "a"));
}

TEST(ReplyReader, LengthsChunksAndEndsAreUnderstoodByteForByte) {
  for (const char* answer : {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
                             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                             "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
                             "HTTP/1.0 200 OK\r\n\r\nhello"}) {
    ReplyReader reader;
    std::string body;
    for (const char* byte = answer; *byte != '\0'; ++byte) {
      ASSERT_TRUE(reader.handle_bytes({byte, 1}).has_value());
      body += reader.take_body();
    }
    reader.handle_end();
    EXPECT_TRUE(reader.is_complete()) << answer;
    EXPECT_EQ(reader.status(), 200U);
    EXPECT_EQ(body, "hello") << answer;
  }
}

TEST(ReplyReader, WhatIsNoHttpIsAProblem) {
  for (const char* answer :
       {"SSH-2.0-x\r\n\r\n", "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
    EXPECT_TRUE(ReplyReader{}.handle_bytes(answer).has_error()) << answer;
  }
}

TEST(CtlTable, PeopleGetColumnsAndProgramsTabs) {
  const std::vector<TableRow> rows{{"a", "127.0.0.1:1"}, {"longer", "x"}};
  EXPECT_EQ(table_text({"NAME", "LISTEN"}, rows, true),
            "NAME    LISTEN\na       127.0.0.1:1\nlonger  x\n");
  EXPECT_EQ(table_text({"NAME", "LISTEN"}, rows, false), "a\t127.0.0.1:1\nlonger\tx\n");
}

TEST(EventText, IsWhenWhoseWhatAndTheRest) {
  EXPECT_EQ(event_text(R"({"mono_ns":1,"wall":"2026-01-31T06:23:52.509Z","program":"fault-proxy",)"
                       R"("node":"fault-proxy","event":"nat_expired","conn":3,"idle_ms":1000,)"
                       R"("last_cause":"ack","proxy":"web"})"),
            "06:23:52.509Z  web #3  nat_expired idle_ms=1000 last_cause=ack");
  EXPECT_EQ(event_text(R"({"wall":"T1","event":"e","proxy":"p","what":"a \u001b[2J","n":""})"),
            "1  p  e what=\"a \\u001b[2J\" n=\"\"");
  EXPECT_EQ(event_text("no event"), "no event");
}

}  // namespace
}  // namespace halfopen

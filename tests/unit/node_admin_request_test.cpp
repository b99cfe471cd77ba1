// Which questions the admin API knows, and what it says to all others.
#include "node/shell/admin_request.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace halfopen::node {
namespace {

using ::testing::HasSubstr;

HttpRequest request(const std::string& method, const std::string& path,
                    const std::string& query = "", const std::string& body = "") {
  HttpRequest made;
  made.method = method;
  made.path = path;
  made.query = query;
  made.body = body;
  return made;
}

template <class Question>
Question question(const HttpRequest& asked) {
  const auto parsed = parse_admin_request(asked);
  const auto* known = std::get_if<AdminRequest>(&parsed);
  if (known == nullptr || !std::holds_alternative<Question>(*known)) {
    ADD_FAILURE() << asked.path << " is not understood";
    return {};
  }
  return std::get<Question>(*known);
}

HttpResponse refusal(const HttpRequest& asked) {
  const auto parsed = parse_admin_request(asked);
  const auto* refused = std::get_if<HttpResponse>(&parsed);
  return refused == nullptr ? HttpResponse{} : *refused;
}

TEST(NodeAdminRequest, EveryQuestionIsUnderstood) {
  (void)question<ask::Metrics>(request("GET", "/metrics"));
  (void)question<ask::Metrics>(request("GET", "/metrics", "scraper=1"));
  (void)question<ask::Health>(request("HEAD", "/healthz"));
  EXPECT_FALSE(question<ask::Readiness>(request("GET", "/readyz")).needs_quorum);
  EXPECT_TRUE(question<ask::Readiness>(request("GET", "/readyz", "quorum=1")).needs_quorum);
  (void)question<ask::Overview>(request("GET", "/node"));
  (void)question<ask::Peers>(request("GET", "/peers"));
  (void)question<ask::Evidence>(request("GET", "/evidence"));
  (void)question<ask::Drain>(request("POST", "/drain"));
  (void)question<ask::Reload>(request("POST", "/reload"));
  EXPECT_EQ(question<ask::History>(request("GET", "/peers/n2.a-b_c/history")).peer, "n2.a-b_c");
  EXPECT_EQ(question<ask::Votes>(request("GET", "/votes", "after=7&limit=3")).page.after, 7U);
  EXPECT_EQ(question<ask::Votes>(request("GET", "/votes")).page.limit, 1000U);
  const auto tally = question<ask::Tally>(request("GET", "/tally", "after_height=0&limit=2"));
  EXPECT_EQ(tally.page.after_height, 0U);
  EXPECT_EQ(tally.page.limit, 2U);
  EXPECT_FALSE(question<ask::Tally>(request("GET", "/tally")).page.after_height);
  EXPECT_TRUE(question<ask::Cast>(request("POST", "/votes", "wait=peers")).waits_for_peers);
}

TEST(NodeAdminRequest, AWrongMethodIsToldTheRightOnes) {
  const HttpResponse response = refusal(request("PUT", "/votes"));
  EXPECT_EQ(response.status, 405U);
  EXPECT_THAT(response.body, HasSubstr("PUT is not for /votes: use GET, POST"));
  ASSERT_EQ(response.headers.size(), 1U);
  EXPECT_EQ(response.headers[0].second, "GET, POST");
  EXPECT_EQ(refusal(request("POST", "/peers/n2/history")).status, 405U);
  EXPECT_EQ(refusal(request("GET", "/drain")).status, 405U);
}

TEST(NodeAdminRequest, AWrongPathIsToldWhatThereIs) {
  for (const char* path :
       {"/", "", "/peer", "/peers/", "/peers/history", "/peers/n2", "/votes/1"}) {
    EXPECT_EQ(refusal(request("GET", path)).status, 404U) << path;
  }
  EXPECT_THAT(refusal(request("GET", "/x")).body, HasSubstr("GET /peers/NAME/history"));
  EXPECT_THAT(refusal(request("GET", "/\x1b[2J")).body, HasSubstr("no such path: /?[2J"));
  EXPECT_LT(refusal(request("GET", "/" + std::string(8000, 'x'))).body.size(), 1000U);
}

TEST(NodeAdminRequest, AWrongQueryOrNameIsExplained) {
  const std::vector<std::pair<HttpRequest, std::string>> wrong{
      {request("GET", "/votes", "after=x"), "expected after=SEQ&limit=N"},
      {request("GET", "/votes", "limit=0"), "N from 1 to 10000"},
      {request("GET", "/votes", "limit=10001"), "N from 1 to 10000"},
      {request("GET", "/votes", "after=1&after=2"), "expected after=SEQ"},
      {request("GET", "/votes", "after=18446744073709551616"), "expected after=SEQ"},
      {request("GET", "/votes", "after"), "expected after=SEQ"},
      {request("GET", "/tally", "height=1"), "expected after_height=H&limit=N"},
      {request("GET", "/readyz", "quorum=2"), "expected quorum=1"},
      {request("GET", "/peers", "all=1"), "/peers takes no query"},
      {request("GET", "/peers//history"), "a peer's name is"},
      {request("GET", "/peers/a%20b/history"), "a peer's name is"},
      {request("GET", "/peers/n2/history", "x"), "takes no query"},
      {request("POST", "/votes", "wait=all"), "expected wait=peers"},
      {request("POST", "/votes", "", "[1]"), "must be a JSON object"},
      {request("POST", "/votes", "", "{\"height\": -1}"), "whole number"},
      {request("POST", "/drain", "now"), "takes no query"},
  };
  for (const auto& [asked, expected] : wrong) {
    const HttpResponse response = refusal(asked);
    EXPECT_EQ(response.status, 400U) << asked.path << "?" << asked.query;
    EXPECT_THAT(response.body, HasSubstr(expected));
  }
}

}  // namespace
}  // namespace halfopen::node

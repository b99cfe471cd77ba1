#include "metrics/http_conversation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace halfopen {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string take_output(HttpConversation& conversation) {
  std::string output(conversation.output());
  conversation.consume(output.size());
  return output;
}

TEST(HttpConversation, PipelinedRequestsAreAnsweredInTurn) {
  HttpConversation conversation;
  conversation.handle_bytes(
      "GET /a?x=1 HTTP/1.1\r\nHost: h\r\nUser-Agent: u\r\nAuthorization: Bearer t\r\n\r\n"
      "POST /b HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}GET");
  const auto first = conversation.next_request();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->method + first->path + first->query, "GET/ax=1");
  EXPECT_EQ(first->host + first->user_agent + first->authorization, "huBearer t");
  EXPECT_FALSE(first->origin);
  EXPECT_FALSE(conversation.next_request()) << "the first is not answered";
  conversation.respond({200, "text/plain", "one", {{"X-More", "a\r\nb"}}});
  const auto second = conversation.next_request();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->method + second->path + second->body, "POST/b{}");
  conversation.respond({204, "", "not sent"});
  EXPECT_EQ(take_output(conversation),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-Content-Type-Options: nosniff\r\n"
            "X-More: a  b\r\nContent-Length: 3\r\n\r\none"
            "HTTP/1.1 204 No Content\r\nX-Content-Type-Options: nosniff\r\n\r\n");
  EXPECT_TRUE(conversation.is_in_request());
  EXPECT_FALSE(conversation.is_over());
  conversation.handle_end();
  EXPECT_TRUE(conversation.is_over());
}

TEST(HttpConversation, ByteForByteAChunkedBodyArrivesWhole) {
  struct Case {
    const char* chunks;
    const char* body;
  };
  for (const Case& test :
       {Case{"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n", "abcde"}, Case{"0\r\n\r\n", ""},
        Case{"1\r\na\r\n0;x\r\nTrailer: 1\r\n\r\n", "a"}}) {
    for (const std::size_t size : {std::size_t{1}, std::size_t{2}, std::size_t{3}}) {
      HttpConversation conversation;
      conversation.handle_bytes("PUT /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
      for (std::string_view left = test.chunks; !left.empty();) {
        EXPECT_FALSE(conversation.next_request());
        conversation.handle_bytes(left.substr(0, size));
        left.remove_prefix(std::min(size, left.size()));
      }
      const auto request = conversation.next_request();
      ASSERT_TRUE(request) << test.chunks << size;
      EXPECT_EQ(request->body, test.body);
    }
  }
}

TEST(HttpConversation, WhoAsksBeforeTheBodyIsToldToGoOn) {
  HttpConversation conversation;
  conversation.handle_bytes("POST / HTTP/1.1\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(take_output(conversation), "HTTP/1.1 100 Continue\r\n\r\n");
  conversation.handle_bytes("o");
  EXPECT_EQ(take_output(conversation), "") << "once";
  conversation.handle_bytes("k");
  EXPECT_EQ(conversation.next_request().value().body, "ok");
}

TEST(HttpConversation, OnlyWhoAsksForItIsKeptAlive) {
  struct Case {
    const char* request;
    bool over;
    const char* header;
  };
  for (const Case& test :
       {Case{"GET / HTTP/1.0\r\n\r\n", true, "Connection: close"},
        Case{"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", false, "Connection: keep-alive"},
        Case{"GET / HTTP/1.1\r\nConnection: close\r\n\r\nGET / HTTP/1.1\r\n\r\n", true,
             "Connection: close"}}) {
    HttpConversation conversation;
    conversation.handle_bytes(test.request);
    ASSERT_TRUE(conversation.next_request()) << test.request;
    conversation.respond({});
    EXPECT_EQ(conversation.is_over(), test.over) << test.request;
    EXPECT_THAT(take_output(conversation), HasSubstr(test.header)) << test.request;
    EXPECT_FALSE(conversation.next_request()) << test.request;
  }
}

TEST(HttpConversation, ARequestBeforeTheClientsFinIsAnswered) {
  HttpConversation conversation;
  conversation.handle_bytes("GET / HTTP/1.1\r\n\r\n");
  conversation.handle_end();
  ASSERT_TRUE(conversation.next_request());
  conversation.respond({200, "text/plain", "answer"});
  EXPECT_THAT(take_output(conversation), HasSubstr("answer"));
  EXPECT_TRUE(conversation.is_over());
}

TEST(HttpConversation, HeadGetsTheHeadAlone) {
  HttpConversation conversation;
  conversation.handle_bytes("HEAD / HTTP/1.1\r\n\r\n");
  ASSERT_TRUE(conversation.next_request());
  conversation.respond({200, "text/plain", "hidden"});
  const std::string output = take_output(conversation);
  EXPECT_THAT(output, HasSubstr("Content-Length: 6\r\n"));
  EXPECT_TRUE(output.ends_with("\r\n\r\n"));
}

TEST(HttpConversation, WhatIsNoHttpIsRefusedAndEndsIt) {
  const std::string kilobyte(1024, 'a');
  std::string many_headers = "GET / HTTP/1.1\r\nX: ";
  for (int i = 0; i < 9; ++i)
    many_headers += kilobyte;
  struct Case {
    std::string request;
    const char* status;
  };
  for (const Case& test :
       {Case{std::string("\0\1\2\r\n\r\n", 7), "HTTP/1.1 400 "},
        Case{"GET\r\n\r\n", "HTTP/1.1 400 "}, Case{"GET / HTTP/3.7\r\n\r\n", "HTTP/1.1 400 "},
        Case{"GET / HTTP/1.1\r\nno colon\r\n\r\n", "HTTP/1.1 400 "},
        Case{"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 400 "},
        Case{"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n", "HTTP/1.1 400 "},
        Case{"POST / HTTP/1.1\r\nContent-Length: 1048577\r\n\r\n", "HTTP/1.1 413 "},
        Case{"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "HTTP/1.1 400 "},
        Case{many_headers, "HTTP/1.1 431 "}}) {
    HttpConversation conversation("text/plain");
    conversation.handle_bytes(test.request);
    EXPECT_FALSE(conversation.next_request()) << test.request;
    const std::string output = take_output(conversation);
    EXPECT_THAT(output, StartsWith(test.status)) << test.request;
    EXPECT_THAT(output, HasSubstr("Content-Type: text/plain")) << test.request;
    EXPECT_THAT(output, HasSubstr("Connection: close")) << test.request;
    EXPECT_TRUE(conversation.is_over()) << test.request;
    conversation.handle_bytes("GET / HTTP/1.1\r\n\r\n");
    EXPECT_FALSE(conversation.next_request()) << test.request;
  }
}

TEST(HttpConversation, AClientThatPipelinesWithoutEndIsMadeToWait) {
  HttpConversation conversation;
  conversation.handle_bytes("GET / HTTP/1.1\r\n\r\n");
  std::size_t taken = 0;
  while (conversation.wants_bytes() && taken < 1'000'000) {
    conversation.handle_bytes("GET / HTTP/1.1\r\n\r\n");
    taken += 18;
  }
  EXPECT_LT(taken, 20'000U);
  std::size_t answered = 0;
  while (conversation.next_request()) {
    conversation.respond({});
    ++answered;
  }
  EXPECT_EQ(answered, 1 + taken / 18);
  EXPECT_TRUE(conversation.wants_bytes());
}

TEST(HttpConversation, AStreamIsAHeadAndPieces) {
  HttpConversation conversation;
  conversation.handle_bytes("GET /events HTTP/1.1\r\n\r\nGET /next HTTP/1.1\r\n\r\n");
  ASSERT_TRUE(conversation.next_request());
  conversation.begin_stream({200, "text/event-stream", "", {}});
  EXPECT_TRUE(conversation.is_streaming());
  EXPECT_THAT(take_output(conversation), HasSubstr("Transfer-Encoding: chunked\r\n\r\n"));
  conversation.stream("");
  conversation.stream("data: 0123456789\n\n");
  EXPECT_EQ(take_output(conversation), "12\r\ndata: 0123456789\n\n\r\n");
  conversation.end_stream();
  EXPECT_EQ(take_output(conversation), "0\r\n\r\n");
  EXPECT_EQ(conversation.next_request().value().path, "/next");
}

TEST(HttpConversation, AStreamToAnOldClientEndsWithItsConnection) {
  HttpConversation conversation;
  conversation.handle_bytes("GET /events HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  ASSERT_TRUE(conversation.next_request());
  conversation.begin_stream({200, "text/event-stream", "", {}});
  (void)take_output(conversation);
  conversation.stream("data: 1\n\n");
  conversation.end_stream();
  EXPECT_EQ(take_output(conversation), "data: 1\n\n");
  EXPECT_TRUE(conversation.is_over());
  EXPECT_FALSE(conversation.is_streaming());
}

TEST(HttpConversation, GivingUpIsSaidOnlyWhereItCanBeUnderstood) {
  HttpConversation waiting;
  waiting.handle_bytes("GET / HT");
  waiting.give_up(http_error(408, "too slow"));
  EXPECT_THAT(take_output(waiting), StartsWith("HTTP/1.1 408 "));
  EXPECT_TRUE(waiting.is_over());
  HttpConversation streaming;
  streaming.handle_bytes("GET / HTTP/1.1\r\n\r\n");
  ASSERT_TRUE(streaming.next_request());
  streaming.begin_stream({});
  (void)take_output(streaming);
  streaming.give_up(http_error(408, "too slow"));
  EXPECT_EQ(take_output(streaming), "");
  EXPECT_TRUE(streaming.is_over());
}

}  // namespace
}  // namespace halfopen

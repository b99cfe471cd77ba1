// The control API's server against clients that misbehave, on a loop in this process with short
// deadlines: what happens late is seen without waiting long.
#include "proxy/shell/http_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "metrics/clock.hpp"
#include "metrics/host_port.hpp"
#include "tests/support/test_socket.hpp"

namespace halfopen::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class HttpServerTest : public ::testing::Test {
 protected:
  void serve(const HttpServerLimits& limits) {
    server_ = std::make_unique<HttpServer>(
        loop_, [this](const HttpRequest& request) { return answer(request); },
        [this](HttpClientId, bool was_too_slow) { ends_.push_back(was_too_slow); }, limits);
    port_ = parse_host_port(server_->listen("127.0.0.1:0").value()).value().port;
  }

  HttpReply answer(const HttpRequest& request) {
    if (request.path == "/stream") {
      return {{200, "text/event-stream", "", {}}, [this](HttpClientId id) { stream_ = id; }};
    }
    return {{200, "text/plain", request.path == "/big" ? std::string(8'000'000, 'x') : "small", {}},
            {}};
  }

  TestSocket dial(const std::string& bytes, int receive_buffer_bytes = 0) {
    auto client = TestSocket::dial("127.0.0.1", port_, receive_buffer_bytes);
    EXPECT_TRUE(client.wait_connected(seconds(5)));
    EXPECT_EQ(client.send_text(bytes), 0);
    return client;
  }

  // Turns the loop until the condition holds; false at a deadline that no good run comes near.
  template <class Condition>
  bool turn_until(Condition condition) {
    const Instant deadline = monotonic_now() + seconds(10);
    Timer look{loop_, [&] {
                 if (condition() || monotonic_now() > deadline) return loop_.stop();
                 look.arm(monotonic_now() + milliseconds(1));
               }};
    look.arm(monotonic_now());
    loop_.run();
    return monotonic_now() <= deadline;
  }

  // All that the client gets until the server ends the connection.
  std::string until_end(TestSocket& client) {
    std::string text;
    EXPECT_TRUE(turn_until([&] {
      const Received received = client.receive(milliseconds(0));
      text += received.bytes;
      return received.kind == Received::Kind::kEndOfStream ||
             received.kind == Received::Kind::kError;
    }));
    return text;
  }

  EventLoop loop_;
  std::unique_ptr<HttpServer> server_;
  std::uint16_t port_ = 0;
  std::optional<HttpClientId> stream_;
  std::vector<bool> ends_;
};

TEST_F(HttpServerTest, ARequestThatNeverEndsIsGivenUpAndSaidSo) {
  serve({.request_max = milliseconds(20)});
  auto client = dial("GET / HT");
  EXPECT_THAT(until_end(client), StartsWith("HTTP/1.1 408 "));
}

TEST_F(HttpServerTest, AByteNowAndThenDoesNotPutOffTheDeadline) {
  serve({.request_max = milliseconds(50)});
  auto client = dial("GET / HTTP/1.1\r\nX: ");
  std::string text;
  EXPECT_TRUE(turn_until([&] {
    (void)client.send_text("x");
    const Received received = client.receive(milliseconds(0));
    text += received.bytes;
    return received.kind == Received::Kind::kEndOfStream || received.kind == Received::Kind::kError;
  }));
}

TEST_F(HttpServerTest, ASilentConnectionIsClosed) {
  serve({.idle_max = milliseconds(20)});
  auto never = dial("");
  EXPECT_EQ(until_end(never), "");
  auto once = dial("GET / HTTP/1.1\r\n\r\n");
  EXPECT_THAT(until_end(once), HasSubstr("small"));
}

TEST_F(HttpServerTest, WhoDoesNotReadAnAnswerIsCutOff) {
  serve({.answer_max = milliseconds(50)});
  auto client = dial("GET /big HTTP/1.1\r\n\r\n", 4096);
  EXPECT_TRUE(turn_until([&] { return client.tcp_state() != "ESTABLISHED"; }));
}

TEST_F(HttpServerTest, WhoReadsABigAnswerGetsAllOfIt) {
  serve({});
  auto client = dial("GET /big HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_GT(until_end(client).size(), 8'000'000U);
}

TEST_F(HttpServerTest, ConnectionsBeyondTheLimitWaitUntilAnotherIsDone) {
  serve({.connections_max = 2});
  auto first = dial("GET /big HTTP/1.1\r\n\r\n", 4096);
  auto second = dial("GET /stream HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(turn_until([&] { return stream_.has_value(); }));
  auto third = dial("GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
  int turns = 0;
  EXPECT_TRUE(turn_until([&] { return ++turns > 50; }));
  EXPECT_EQ(third.receive(milliseconds(0)).kind, Received::Kind::kNothing);
  second.close();
  EXPECT_THAT(until_end(third), HasSubstr("small"));
}

TEST_F(HttpServerTest, WhoOnlyWaitsForANextRequestMakesRoomForAnother) {
  serve({.connections_max = 2});
  std::string text;
  auto first = dial("GET / HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(turn_until([&] {
    text += first.receive(milliseconds(0)).bytes;
    return text.find("small") != std::string::npos;
  }));
  auto second = dial("GET /stream HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(turn_until([&] { return stream_.has_value(); }));
  auto third = dial("GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(until_end(third), HasSubstr("small"));
  EXPECT_EQ(until_end(first), "");
  EXPECT_TRUE(ends_.empty()) << "a stream's reader keeps its place";
}

TEST_F(HttpServerTest, WhoNeverSaysAWordKeepsNobodyOutForLong) {
  serve({.connections_max = 2});
  auto first = dial("");
  auto second = dial("");
  EXPECT_TRUE(turn_until([] { return true; }));
  auto third = dial("GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(until_end(third), HasSubstr("small"));
}

TEST_F(HttpServerTest, AStreamsReaderThatFallsBehindIsCutOffAndTheOwnerTold) {
  serve({.stream_behind_max = 10'000});
  auto client = dial("GET /stream HTTP/1.1\r\n\r\n", 4096);
  ASSERT_TRUE(turn_until([&] { return stream_.has_value(); }));
  const std::string piece(1000, 'x');
  std::size_t written = 0;
  while (ends_.empty() && written < 100'000'000) {
    server_->write_to_stream(*stream_, piece);
    written += piece.size();
  }
  EXPECT_EQ(ends_, std::vector<bool>{true});
  server_->write_to_stream(*stream_, piece);
  EXPECT_EQ(ends_.size(), 1U) << "once";
}

TEST_F(HttpServerTest, AStreamsReaderThatLeavesIsNoted) {
  serve({.answer_max = milliseconds(20), .idle_max = milliseconds(20)});
  {
    auto client = dial("GET /stream HTTP/1.1\r\n\r\n");
    ASSERT_TRUE(turn_until([&] { return stream_.has_value(); }));
    server_->write_to_stream(*stream_, "data: 1\n\n");
    std::string text;
    EXPECT_TRUE(turn_until([&] {
      text += client.receive(milliseconds(0)).bytes;
      return text.find("data: 1") != std::string::npos;
    }));
    EXPECT_TRUE(ends_.empty()) << "a stream in which nothing happens is no silent connection";
  }
  EXPECT_TRUE(turn_until([&] { return !ends_.empty(); }));
  EXPECT_EQ(ends_, std::vector<bool>{false});
}

}  // namespace
}  // namespace halfopen::test

// The fault matrix, one test a row: errnos in order, the kernel's table, bytes that arrived.
#include "tests/integration/proxy_fault_matrix.hpp"

#include <poll.h>

#include <cerrno>

#include "harness/shell/socket_oracle.hpp"
#include "metrics/kernel_evidence.hpp"
#include "tests/integration/proxy_fixture.hpp"

namespace halfopen::test {
namespace {

// Sends closer together than this might meet before the answer to the first is there.
constexpr milliseconds kBetweenSends{120};
// How long a dial into silence is waited for.
constexpr milliseconds kDialPatience{300};

std::string poll_text(const TestSocket& end) {
  pollfd entry{end.descriptor(), POLLIN | POLLOUT | POLLRDHUP, 0};
  poll(&entry, 1, 0);
  const auto has = [&entry](int flags) { return (entry.revents & flags) != 0; };
  if (has(POLLERR | POLLHUP)) return "broken";
  if (has(POLLRDHUP)) return "finished";
  return has(POLLOUT) ? "writable" : "stuck";
}

class FaultMatrixTest : public ProxyTest, public testing::WithParamInterface<MatrixRow> {
 protected:
  // The clock of the test is the proxy, which must be alive all along.
  void let_time_pass(milliseconds span) const {
    EXPECT_TRUE(holds_for([this] { return !proxy_->wait_for_exit(milliseconds(0)); }, span))
        << "the proxy died";
  }

  std::string three_sends(TestSocket& end) const {
    std::string words;
    for (const char* label : {"1", "2", "3"}) {
      const int error = end.send_text(label);
      words += (words.empty() ? "" : " ") + (error == 0 ? "OK" : errno_name(error));
      let_time_pass(kBetweenSends);
    }
    return words;
  }

  // As INET_DIAG has it.
  static std::string state_of(std::uint16_t local_port, std::uint16_t remote_port) {
    const auto sockets = read_kernel_sockets();
    if (sockets.has_error()) return sockets.error().text;
    for (const auto& socket : *sockets) {
      if (!socket.local.ends_with(":" + std::to_string(local_port))) continue;
      if (!socket.remote.ends_with(":" + std::to_string(remote_port))) continue;
      return socket.state + (socket.send_queue_bytes > 0 ? ", unacked" : "");
    }
    return "gone";
  }

  // All that is there by now and how the stream ended, if it did.
  static std::string received_by(TestSocket& end) {
    std::string text;
    for (;;) {
      const Received received = end.receive(milliseconds(0));
      const std::string space = text.empty() ? "" : " ";
      switch (received.kind) {
        case Received::Kind::kBytes:
          text += received.bytes;
          break;
        case Received::Kind::kNothing:
          return text;
        case Received::Kind::kEndOfStream:
          return text + space + "EOF";
        case Received::Kind::kError:
          return text + space + errno_name(received.error);
      }
    }
  }

  static void expect_received(const std::string& found, std::string expected, const char* whose) {
    if (const auto wrong = expected.find('~'); wrong < found.size()) {
      EXPECT_NE(found[wrong], "123"[wrong]) << "it arrived unharmed";
      expected[wrong] = found[wrong];
    }
    if (!expected.ends_with("*")) {
      EXPECT_EQ(found, expected) << whose;
      return;
    }
    expected.pop_back();
    EXPECT_TRUE(found.starts_with(expected) && std::string_view("123").starts_with(found))
        << found << " " << whose;
  }

  static std::string dial_text(TestSocket& dialling) {
    const int error = dialling.connect_result(kDialPatience);
    if (error == ETIMEDOUT) return "timeout";
    return error == 0 ? "connected" : errno_name(error);
  }
};

TEST_P(FaultMatrixTest, IsWhatBothEndsSee) {
  const MatrixRow& row = GetParam();
  Pair pair = establish();
  const std::uint16_t client_port = pair.client.local_port();
  const std::uint16_t proxy_port = pair.upstream.peer_port();
  if (!row.type.empty()) add_fault(row.type, row.attributes);
  if (!row.until.empty()) (void)first_event(row.until);
  // What the fault says at once is on its way by now.
  let_time_pass(kBetweenSends);
  EXPECT_EQ(poll_text(pair.client), row.client.poll);
  EXPECT_EQ(poll_text(pair.upstream), row.upstream.poll);
  EXPECT_EQ(three_sends(pair.client), row.client.sends) << "of the client";
  EXPECT_EQ(three_sends(pair.upstream), row.upstream.sends) << "of the upstream";
  EXPECT_EQ(state_of(client_port, kListenPort), row.client.state) << "of the client";
  EXPECT_EQ(state_of(kUpstreamPort, proxy_port), row.upstream.state) << "of the upstream";
  const std::string to_client = received_by(pair.client);
  const std::string to_upstream = received_by(pair.upstream);
  expect_received(to_client, row.client.received, "by the client");
  expect_received(to_upstream, row.upstream.received, "by the upstream");
  TestSocket dialling = TestSocket::dial(kListenHost, kListenPort);
  EXPECT_EQ(dial_text(dialling), row.dial);
  dialling.close();
  if (row.after.empty()) return;
  remove_fault(row.type);
  if (row.after == "reset") {
    EXPECT_EQ(pair.client.receive(kPatience).error, ECONNRESET);
    return;
  }
  // What was not acknowledged is repeated, in order, and then comes what is new.
  ASSERT_EQ(pair.client.send_text("c"), 0);
  ASSERT_EQ(pair.upstream.send_text("u"), 0);
  EXPECT_EQ(to_upstream + pair.upstream.receive_exactly(4 - to_upstream.size(), kPatience), "123c");
  EXPECT_EQ(to_client + pair.client.receive_exactly(4 - to_client.size(), kPatience), "123u");
}

INSTANTIATE_TEST_SUITE_P(Rows, FaultMatrixTest, testing::ValuesIn(fault_matrix()),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace halfopen::test

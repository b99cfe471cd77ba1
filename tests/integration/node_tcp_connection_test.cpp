// Two TcpConnections with each other on loopback, in one loop: in the clear and in TLS.
#include "node/shell/tcp_connection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

namespace halfopen::node {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

SigningKey key_of(std::uint8_t number) {
  SigningKey::Seed seed{};
  seed.fill(number);
  return SigningKey(seed);
}

PinnedKeys pin(std::uint8_t number) {
  return std::make_shared<const std::set<PublicKey>>(std::set{key_of(number).public_key()});
}

SharedFrame frame_of(const std::string& text) {
  return std::make_shared<const std::vector<std::uint8_t>>(text.begin(), text.end());
}

VoteId vote_of(std::uint8_t number) {
  std::array<std::uint8_t, 32> bytes{};
  bytes.fill(number);
  return VoteId{bytes};
}

// Remembers what it is told.
struct Recorder final : TcpConnection::Owner {
  void on_connected(ConnectionId) override { connected = true; }
  void on_dial_failed(ConnectionId, int code) override { dial_error = code; }
  void on_secured(ConnectionId, const PublicKey& key) override { peer_key = key; }
  void on_handshake_failed(ConnectionId, TlsFailure reason) override { failure = reason; }
  void on_bytes(ConnectionId, std::span<const std::uint8_t> bytes) override {
    ++reads;
    text.append(bytes.begin(), bytes.end());
  }
  void on_end(ConnectionId) override { ended = true; }
  void on_failed(ConnectionId, const SocketFacts& facts) override { error = facts.error; }
  void on_vote_send(ConnectionId, const VoteSend& send) override { sends.push_back(send); }
  void on_vote_written(ConnectionId, const VoteId& vote) override { written.push_back(vote); }

  bool connected = false;
  bool ended = false;
  int dial_error = 0;
  int error = 0;
  int reads = 0;
  std::string text;
  std::optional<PublicKey> peer_key;
  std::optional<TlsFailure> failure;
  std::vector<VoteSend> sends;
  std::vector<VoteId> written;
};

class NodeTcpConnection : public testing::TestWithParam<bool> {
 protected:
  void TearDown() override {
    dialer_->close();
    acceptor_->close();
  }

  void connect(PinnedKeys acceptor_pin = pin(1)) {
    acceptor_socket_.async_accept([this, acceptor_pin](boost::system::error_code failed,
                                                       tcp::socket socket) {
      ASSERT_FALSE(failed);
      acceptor_->take(std::move(socket), {}, GetParam() ? TlsWay{&two_, acceptor_pin} : TlsWay{});
      acceptor_->set_reading(acceptor_reads_);
      accepted_ = true;
    });
    dialer_->dial(acceptor_socket_.local_endpoint(), {},
                  GetParam() ? TlsWay{&one_, pin(2)} : TlsWay{});
    run_until([&] { return at_dialer_.connected && accepted_; });
  }
  void run_until(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!condition() && std::chrono::steady_clock::now() < end) {
      context_.restart();
      context_.run_one_for(std::chrono::milliseconds(50));
    }
    ASSERT_TRUE(condition());
  }
  // Until nothing is under way: loopback delivers at once.
  void run_dry() {
    do {
      context_.restart();
    } while (context_.poll() > 0);
  }
  static Write write_of(const std::string& text, std::optional<VoteId> vote = std::nullopt) {
    return {.connection = ConnectionId{1}, .frame = frame_of(text), .vote = vote};
  }

  asio::io_context context_{1};
  TlsContext one_{key_of(1)};
  TlsContext two_{key_of(2)};
  tcp::acceptor acceptor_socket_{context_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
  Recorder at_dialer_;
  Recorder at_acceptor_;
  bool acceptor_reads_ = true;
  bool accepted_ = false;
  std::shared_ptr<TcpConnection> dialer_ =
      std::make_shared<TcpConnection>(context_, ConnectionId{1}, at_dialer_);
  std::shared_ptr<TcpConnection> acceptor_ =
      std::make_shared<TcpConnection>(context_, ConnectionId{2}, at_acceptor_);
};

INSTANTIATE_TEST_SUITE_P(Transports, NodeTcpConnection, testing::Bool(),
                         [](const auto& which) { return which.param ? "Tls" : "Plaintext"; });

TEST_P(NodeTcpConnection, WhatIsWrittenEarlyArrives) {
  connect();
  dialer_->write(write_of("hello"));
  run_until([&] { return at_acceptor_.text == "hello"; });
  if (GetParam()) {
    EXPECT_EQ(at_acceptor_.peer_key, key_of(1).public_key());
  }
  acceptor_->write(write_of("hello to you"));
  dialer_->set_reading(true);
  run_until([&] { return at_dialer_.text == "hello to you"; });
}

TEST_P(NodeTcpConnection, WhatOneTurnWritesLeavesTogether) {
  connect();
  dialer_->write(write_of("hello"));
  run_until([&] { return at_acceptor_.text == "hello"; });
  std::string all = "hello";
  for (std::uint8_t i = 0; i < 50; ++i) {
    dialer_->write(write_of("vote " + std::to_string(i), vote_of(i)));
    all += "vote " + std::to_string(i);
  }
  EXPECT_TRUE(at_dialer_.sends.empty()) << "not before the end of the turn";
  run_until([&] { return at_acceptor_.text == all; });
  EXPECT_EQ(at_acceptor_.reads, 2);
  EXPECT_EQ(at_dialer_.written.size(), 50U);
  ASSERT_EQ(at_dialer_.sends.size(), 50U);
  for (const VoteSend& send : at_dialer_.sends) {
    EXPECT_EQ(send.bytes, send.frame_bytes);
    EXPECT_EQ(send.error, 0);
  }
}

TEST_P(NodeTcpConnection, ALongStreamArrivesWholeThroughASmallPipe) {
  acceptor_reads_ = false;
  connect();
  std::string all;
  for (std::uint8_t i = 0; i < 60; ++i) {
    const std::string text(60'000, static_cast<char>('a' + i % 26));
    all += text;
    dialer_->write(write_of(text, vote_of(i)));
  }
  run_dry();
  acceptor_->set_reading(true);
  run_until([&] { return at_acceptor_.text.size() >= all.size(); });
  EXPECT_TRUE(at_acceptor_.text == all) << at_acceptor_.text.size();
  ASSERT_EQ(at_dialer_.written.size(), 60U);
  EXPECT_EQ(at_dialer_.sends.back().bytes_so_far, 60'000U);
}

TEST_P(NodeTcpConnection, TooMuchThatNobodyTakesIsAnOverflow) {
  acceptor_reads_ = false;
  connect();
  const std::string text(60'000, 'x');
  for (int i = 0; i < 200 && at_dialer_.error == 0; ++i)
    dialer_->write(write_of(text));
  EXPECT_EQ(at_dialer_.error, ENOBUFS);
}

TEST_P(NodeTcpConnection, NobodyLooksWhileNoReadIsWanted) {
  connect();
  dialer_->set_reading(true);
  dialer_->write(write_of("hello"));
  run_until([&] { return at_acceptor_.text == "hello"; });
  dialer_->set_reading(false);
  acceptor_->close();
  run_dry();
  EXPECT_FALSE(at_dialer_.ended);
  EXPECT_EQ(at_dialer_.error, 0);
  dialer_->set_reading(true);
  run_until([&] { return at_dialer_.ended; });
}

TEST_P(NodeTcpConnection, ADeadSocketSaysSoOnTheSecondSend) {
  connect();
  dialer_->write(write_of("hello"));
  run_until([&] { return at_acceptor_.text == "hello"; });
  acceptor_->close();
  run_dry();
  dialer_->write(write_of("first", vote_of(1)));
  run_dry();
  EXPECT_EQ(at_dialer_.error, 0) << "the kernel took it, and drew a RST";
  dialer_->write(write_of("second", vote_of(2)));
  run_dry();
  EXPECT_EQ(at_dialer_.error, EPIPE);
  ASSERT_EQ(at_dialer_.sends.size(), 2U);
  EXPECT_EQ(at_dialer_.sends[0].error, 0);
  EXPECT_EQ(at_dialer_.sends[1].error, EPIPE);
  EXPECT_EQ(at_dialer_.sends[1].bytes, 0U);
  EXPECT_EQ(dialer_->evidence().operation, "send");
  EXPECT_EQ(at_dialer_.written.size(), 1U);
}

TEST_P(NodeTcpConnection, WhatWasWrittenBeforeCloseStillLeaves) {
  connect();
  dialer_->write(write_of("hello"));
  run_until([&] { return at_acceptor_.text == "hello"; });
  dialer_->write(write_of(", last words", vote_of(1)));
  dialer_->close();
  run_until([&] { return at_acceptor_.ended; });
  EXPECT_EQ(at_acceptor_.text, "hello, last words");
  EXPECT_TRUE(at_dialer_.sends.empty()) << "nothing is told after close";
}

// In the clear nobody knows.
class NodeTlsConnection : public NodeTcpConnection {};
INSTANTIATE_TEST_SUITE_P(Transports, NodeTlsConnection, testing::Values(true),
                         [](const auto&) { return "Tls"; });

TEST_P(NodeTlsConnection, AWrongKeyFailsOnBothSides) {
  connect(pin(9));
  dialer_->set_reading(true);  // for the hello, as the core does
  dialer_->write(write_of("hello"));
  run_until([&] { return at_acceptor_.failure.has_value() && at_dialer_.failure.has_value(); });
  EXPECT_EQ(at_acceptor_.failure, TlsFailure::kWrongKey);
  EXPECT_EQ(at_dialer_.failure, TlsFailure::kRefused);
  EXPECT_EQ(at_acceptor_.text, "");
  EXPECT_FALSE(at_acceptor_.peer_key.has_value());
  EXPECT_EQ(at_dialer_.error, 0);
}

}  // namespace
}  // namespace halfopen::node

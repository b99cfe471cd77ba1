// One TCP socket, without any idea of votes: it dials, writes when it is told to, reads while it is
// told to, and keeps what a diagnosis needs.
//
// The trap that it is built around: while no read is wanted, nothing may look at the socket. The
// reactor may still report that the peer hung up; such a report is dropped, and the FIN or RST
// stays unnoticed until somebody sends, exactly as in a program that reads only when it expects an
// answer. Writes go straight to send(2) and not through the reactor, so that a header and its body
// leave back to back, and the second one can see what the first one drew.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/ids.hpp"
#include "node/core/action.hpp"
#include "node/core/settings.hpp"
#include "node/shell/evidence.hpp"

namespace halfopen::node {

// One write(2) that carried bytes of a vote.
struct VoteSend {
  VoteId vote;
  std::size_t bytes = 0;         // that the kernel took now
  std::size_t bytes_so_far = 0;  // of the frame, these included
  std::size_t frame_bytes = 0;
  int error = 0;
  Duration idle{};  // of the connection, before the frame's first byte
};

class TcpConnection : public std::enable_shared_from_this<TcpConnection> {
 public:
  // What happens to a connection. None of them is called after close().
  class Owner {
   public:
    Owner() = default;
    Owner(const Owner&) = delete;
    Owner& operator=(const Owner&) = delete;
    virtual ~Owner() = default;
    virtual void on_connected(ConnectionId id) = 0;
    virtual void on_dial_failed(ConnectionId id, int error) = 0;
    virtual void on_bytes(ConnectionId id, std::span<const std::uint8_t> bytes) = 0;
    virtual void on_end(ConnectionId id) = 0;
    virtual void on_failed(ConnectionId id, const SocketFacts& facts) = 0;
    virtual void on_vote_send(ConnectionId id, const VoteSend& send) = 0;
    virtual void on_vote_written(ConnectionId id, const VoteId& vote) = 0;
  };

  // `owner` must outlive the connection, or close it.
  TcpConnection(boost::asio::io_context& context, ConnectionId id, Owner& owner);

  void dial(const boost::asio::ip::tcp::endpoint& endpoint, const Defences& defences);
  void take(boost::asio::ip::tcp::socket socket, const Defences& defences);
  void set_reading(bool reading);
  void write(const Write& action);
  // FIN to the peer, whatever it may have sent that nobody read.
  void close();

  // What the kernel says now, without changing anything.
  [[nodiscard]] std::optional<TcpInfo> tcp_info();
  // Everything that can be learnt from the dead; gathered once.
  [[nodiscard]] const Evidence& evidence();

 private:
  struct Outgoing {
    SharedFrame frame;
    int writes = 1;
    std::optional<VoteId> vote;
    std::size_t offset = 0;
    Duration idle{};  // before its first byte
  };

  void on_established();
  void wait_readable();
  void read_some();
  void flush();
  [[nodiscard]] int write_piece(Outgoing& outgoing);
  void wait_writable();
  void fail(std::string_view operation, int error);
  [[nodiscard]] Duration idle() const;

  ConnectionId id_;
  Owner& owner_;
  boost::asio::ip::tcp::socket socket_;
  bool established_ = false;
  bool dead_ = false;  // failed or closed: nothing more is told or tried
  bool reading_ = false;
  bool read_wait_pending_ = false;
  bool write_wait_pending_ = false;
  std::deque<Outgoing> queue_;
  std::size_t queued_bytes_ = 0;
  std::uint64_t bytes_written_ = 0;
  std::uint64_t acked_at_start_ = 0;  // the kernel counts a SYN as a byte on one side
  Instant last_moved_;
  std::optional<Evidence> evidence_;
};

}  // namespace halfopen::node

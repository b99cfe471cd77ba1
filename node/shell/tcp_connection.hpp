// One TCP socket, without any idea of votes: it dials, writes when it is told to, reads while it is
// told to, and keeps what a diagnosis needs. With a way of TLS, bytes are encrypted in between, and
// nobody else notices: frames that are written early wait until the peer's key is proven.
//
// The trap that it is built around: while no read is wanted, nothing may look at the socket. The
// reactor may still report that the peer hung up; such a report is dropped, and the FIN or RST
// stays unnoticed until somebody sends, exactly as in a program that reads only when it expects an
// answer. (A TLS handshake expects answers.) Writes go straight to send(2) and not through the
// reactor, so that a header and its body leave back to back, and the second one can see what the
// first one drew.
//
// What is written in one turn of the loop leaves at its end together: many small frames are then
// one packet, one system call and, in TLS, one record.
#pragma once

#include <sys/uio.h>

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
#include "node/shell/tls_session.hpp"

namespace halfopen::node {

// How a connection is to be secured: with which key of ours, and which keys at the other end.
struct TlsWay {
  const TlsContext* context = nullptr;  // outlives the connection; null: in the clear
  PinnedKeys accepted;
};

// One write(2) that carried bytes of a vote. In TLS: the one that carried the last of them.
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
    // TLS is open, and the peer has proven this key. Nothing was told of its bytes before.
    virtual void on_secured(ConnectionId id, const PublicKey& key) = 0;
    virtual void on_handshake_failed(ConnectionId id, TlsFailure failure) = 0;
    virtual void on_bytes(ConnectionId id, std::span<const std::uint8_t> bytes) = 0;
    virtual void on_end(ConnectionId id) = 0;
    virtual void on_failed(ConnectionId id, const SocketFacts& facts) = 0;
    virtual void on_vote_send(ConnectionId id, const VoteSend& send) = 0;
    virtual void on_vote_written(ConnectionId id, const VoteId& vote) = 0;
  };

  // `owner` must outlive the connection, or close it.
  TcpConnection(boost::asio::io_context& context, ConnectionId id, Owner& owner);

  void dial(const boost::asio::ip::tcp::endpoint& endpoint, const Defences& defences,
            TlsWay way = {});
  void take(boost::asio::ip::tcp::socket socket, const Defences& defences, TlsWay way = {});
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

  [[nodiscard]] bool is_tls() const { return way_.context != nullptr; }
  [[nodiscard]] bool wants_to_read() const;
  [[nodiscard]] bool has_to_send() const;
  void on_established();
  void wait_readable();
  void read_some();
  void on_wire(std::span<const std::uint8_t> bytes);
  void make_session(TlsRole role);
  void end_session();
  void flush_soon();
  void flush();
  // Each makes one send(2) and answers 0 or its errno.
  [[nodiscard]] int send_piece();
  [[nodiscard]] int send_frames();
  [[nodiscard]] int send_records();
  [[nodiscard]] int send_all(std::span<const iovec> pieces, std::size_t& taken);
  [[nodiscard]] bool encrypt_frames();
  void on_taken(std::size_t count);
  void finish_front();
  void tell_vote_send(const Outgoing& outgoing, std::size_t bytes, int error);
  void wait_writable();
  void fail(std::string_view operation, int error);
  [[nodiscard]] Duration idle() const;

  boost::asio::io_context& context_;
  ConnectionId id_;
  Owner& owner_;
  boost::asio::ip::tcp::socket socket_;
  bool established_ = false;
  bool dead_ = false;  // failed or closed: nothing more is told or tried
  bool reading_ = false;
  bool read_wait_pending_ = false;
  bool write_wait_pending_ = false;
  bool flush_pending_ = false;
  bool ended_ = false;    // a FIN was read, or the peer's goodbye
  bool closing_ = false;  // what is queued may still leave, but nobody is told
  TlsWay way_;
  std::unique_ptr<TlsSession> tls_;
  bool is_dialer_ = false;
  bool told_secured_ = false;
  bool heard_plaintext_ = false;
  std::size_t encrypted_frames_ = 0;  // at the front of the queue, in records that are being sent
  std::vector<std::uint8_t> record_;  // frames that are to be encrypted together
  std::deque<Outgoing> queue_;
  std::size_t queued_bytes_ = 0;
  std::uint64_t bytes_written_ = 0;
  std::uint64_t acked_at_start_ = 0;  // the kernel counts a SYN as a byte on one side
  Instant last_moved_;
  std::optional<Evidence> evidence_;
};

}  // namespace halfopen::node

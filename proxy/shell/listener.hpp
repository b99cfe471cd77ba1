// The socket on which a proxy's clients arrive. It can be closed (dials are refused) or silent
// (dials are swallowed), each for several reasons at once.
//
// Invariants: it listens exactly while no reason to be closed is set (but a silent one that is to
// refuse dials stays, since nobody hears a refusal through a cut), and on one port for its life,
// also where port 0 was asked for. Going silent first filters, then hands over the connections that
// the kernel had already completed, so that none of them is left to ACK unseen.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <functional>

#include "base/result.hpp"
#include "proxy/shell/leg.hpp"

namespace halfopen {

enum class CloseReason : std::uint8_t { kDisabled = 1, kPeerDown = 2, kRefused = 4, kFlap = 8 };

class Listener final : private IoHandler {
 public:
  // Without a socket where a client had to be turned away for want of a descriptor.
  using AcceptHandler =
      std::function<void(Descriptor socket, const boost::asio::ip::tcp::endpoint& client)>;

  // Packets of a silent listener carry `mark`, which a firewall rule drops.
  Listener(EventLoop& loop, const boost::asio::ip::tcp::endpoint& endpoint, std::uint32_t mark,
           AcceptHandler handler);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // Begins to listen unless there is a reason to be closed.
  [[nodiscard]] Result<void> open();
  void add_close_reason(CloseReason reason);
  // Reopens when the last one goes; on failure the reason is gone but the port is still closed, and
  // open() may be tried again.
  [[nodiscard]] Result<void> remove_close_reason(CloseReason reason);

  [[nodiscard]] Result<void> hold(HoldReason reason);
  void release(HoldReason reason);
  // Handshakes go on, but what new connections send is swallowed from their first segment, until
  // the accept handler is told of them. On the way back it is told of all that are there.
  [[nodiscard]] Result<void> set_handshakes_only(bool on);

  [[nodiscard]] bool is_open() const { return socket_.is_open(); }
  [[nodiscard]] bool is_held() const { return hold_reasons_ != 0; }
  [[nodiscard]] std::uint32_t take_dropped();
  [[nodiscard]] const boost::asio::ip::tcp::endpoint& endpoint() const { return endpoint_; }

 private:
  void handle_io(std::uint32_t) override { accept_some(); }
  void close();
  [[nodiscard]] bool must_be_closed() const;
  void accept_some();
  void accept_all();
  [[nodiscard]] bool accept_one();
  void turn_one_away();

  EventLoop& loop_;
  boost::asio::ip::tcp::endpoint endpoint_;
  std::uint32_t mark_;
  AcceptHandler handler_;
  Descriptor socket_;
  Descriptor spare_;
  unsigned close_reasons_ = 0;
  unsigned hold_reasons_ = 0;
  bool handshakes_only_ = false;
  std::uint32_t dropped_seen_ = 0;
};

}  // namespace halfopen

// Runs the core: feeds it what happens to sockets, carries out what it wants, and keeps one timer.
//
// The order is the core's law: one event, then all its actions, then the next event, then the
// timer. Events that actions cause (a write that fails) wait for their turn, so the core is never
// entered while it is being drained.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <variant>

#include "base/result.hpp"
#include "node/core/node.hpp"
#include "node/core/store_health.hpp"
#include "node/shell/config.hpp"
#include "node/shell/event_export.hpp"
#include "node/shell/peer_history.hpp"
#include "node/shell/stats_export.hpp"
#include "node/shell/story.hpp"
#include "node/shell/tcp_connection.hpp"
#include "node/shell/vote_store.hpp"

namespace halfopen::node {

// Where the driver's news go.
struct Observers {
  EventExport& events;
  StatsExport& stats;
  Story& story;
  PeerHistory& history;
  Log& log;
};

using CastOutcome = std::variant<VoteId, CastRefusal>;

class Driver final : private TcpConnection::Owner {
 public:
  // Everything given must outlive the driver. `on_stopped` is called once, when all is closed.
  Driver(boost::asio::io_context& context, const NodeConfig& config, VoteStore& store,
         Observers observers, std::function<void()> on_stopped);
  ~Driver() override;

  // Takes over what the store holds, binds and accepts; answers the bound address as "host:port".
  [[nodiscard]] Result<std::string> listen();
  // Dials.
  void start();
  // `done` is called once, at the latest when this node has stopped.
  void cast(CastRequest request, bool waits_for_peers, std::function<void(CastOutcome)> done);
  // The peers and their addresses are these from now on; healthy links are not touched.
  void change_peers(const NodeConfig& config);
  // Drains first, or ends at once.
  void shut_down(bool at_once = false);
  // After what is under way: the answer to the request that asks for it must still leave.
  void shut_down_soon();
  [[nodiscard]] const Node& node() const { return node_; }
  [[nodiscard]] const StoreHealth& store_health() const { return store_health_; }

 private:
  void on_connected(ConnectionId id) override;
  void on_dial_failed(ConnectionId id, int error) override;
  void on_secured(ConnectionId id, const PublicKey& key) override;
  void on_handshake_failed(ConnectionId id, TlsFailure failure) override;
  void on_bytes(ConnectionId id, std::span<const std::uint8_t> bytes) override;
  void on_end(ConnectionId id) override;
  void on_failed(ConnectionId id, const SocketFacts& facts) override;
  void on_vote_send(ConnectionId id, const VoteSend& send) override;
  void on_vote_written(ConnectionId id, const VoteId& vote) override;

  void pump(Event event);
  void drain_actions();
  void perform(const Dial& action);
  void perform(const Write& action);
  void perform(const SetReading& action);
  void perform(const Close& action);
  void perform(const Store& action);
  void perform(const AnswerCast& action);
  void perform(const Stop& action);
  void perform(const Note& note);
  void arm_timer();
  [[nodiscard]] bool is_news(const note::ConnectionClosed& closed);
  void accept();
  void sample_tcp_info();
  [[nodiscard]] std::shared_ptr<TcpConnection> make_connection(ConnectionId id);
  [[nodiscard]] TcpConnection* connection(ConnectionId id);
  [[nodiscard]] std::string peer_name(ConnectionId id) const;
  [[nodiscard]] TlsWay way_to(const PeerSettings* peer) const;
  void pin_peers();

  boost::asio::io_context& context_;
  NodeConfig config_;
  VoteStore& store_;
  StoreHealth store_health_;
  Observers observers_;
  std::function<void()> on_stopped_;
  Node node_;
  boost::asio::ip::tcp::endpoint accepted_from_;
  RateLimit stranger_news_;
  std::uint64_t strangers_untold_ = 0;  // since the last news of one
  std::optional<TlsContext> tls_;       // nothing: in the clear
  PinnedKeys peer_keys_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer timer_;
  boost::asio::steady_timer sample_timer_;
  boost::asio::steady_timer accept_timer_;
  std::optional<Instant> armed_for_;
  std::map<ConnectionId, std::shared_ptr<TcpConnection>> connections_;
  std::deque<Event> inputs_;
  bool pumping_ = false;
  std::uint64_t last_cast_ = 0;
  std::map<std::uint64_t, std::function<void(CastOutcome)>> casts_;
};

}  // namespace halfopen::node

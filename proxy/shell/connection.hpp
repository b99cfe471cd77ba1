// One relayed connection: a client's leg, an upstream's leg, and the bytes between them.
//
//   accepted --(dial)--> dialing --(connected)--> relaying --> over
//                           |  refused, timeout      |  both FINs passed on, a reset, a fault
//                           +-----------> over <-----+
//
// Intuition: the proxy should be a wire. What one leg does, the other gets: bytes, a FIN (as
// shutdown), a RST (as RST). Where one leg must be silent or is gone, the relay stands still.
//
// Invariants:
// - Errors and hang-ups of both legs are watched always: under backpressure and after a FIN too.
//   (After a FIN, recv on a reset leg returns 0; who trusts recv alone misses the reset.)
// - At most 64 KiB a direction wait here; more is left in the kernel, whose window then closes.
// - `over` is reported once, after both legs have ended.
#pragma once

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "metrics/kernel_evidence.hpp"
#include "proxy/shell/leg.hpp"

namespace halfopen {

struct CloseReport {
  std::string reason;
  int error = 0;
  std::optional<TcpInfo> tcp_info;  // of the leg that died, at that moment
};

class Connection;

// What the owner of connections is told. Calls come from within a Connection, which stays alive
// until they return.
class ConnectionOwner {
 public:
  ConnectionOwner() = default;
  ConnectionOwner(const ConnectionOwner&) = delete;
  ConnectionOwner& operator=(const ConnectionOwner&) = delete;
  virtual ~ConnectionOwner() = default;
  virtual void handle_connected(Connection& connection) = 0;
  // Before the event is acted on, so that the kernel's counters can be read first.
  virtual void handle_leg_event(Connection& connection, LegId leg) = 0;
  virtual void handle_relayed(LegId from, std::size_t bytes) = 0;
  virtual void handle_reset_relayed() = 0;
  virtual void handle_dropped(LegId leg, std::uint32_t segments) = 0;
  virtual void handle_over(Connection& connection, const CloseReport& report) = 0;
};

class Connection {
 public:
  Connection(Poller& poller, ConnectionOwner& owner, ConnectionId id, Descriptor client,
             std::string client_address, std::uint32_t mark);

  // Dials, or will once no hold is left.
  void start(const boost::asio::ip::tcp::endpoint& upstream);

  // Both legs become black holes for this reason, until release(). A leg that cannot be silenced
  // is ended instead, so a Problem may be the connection's end.
  [[nodiscard]] Result<void> hold(HoldReason reason);
  [[nodiscard]] Result<void> hold_leg(LegId leg, HoldReason reason);
  void release(HoldReason reason);
  [[nodiscard]] Result<void> hear_fins(LegId leg, HearFins hear) {
    return mutable_leg(leg).hear_fins(hear);
  }
  // Asks the leg's peer for a sign of life: its kernel's ACK, or a RST, which is then relayed.
  void probe(LegId leg);
  // Ends one leg; the relay stands still from then on, and the connection is over once both legs
  // have ended. The first reason given is the one reported.
  void end_leg(LegId leg, LegEnd how, const std::string& reason);
  void end(LegEnd client, LegEnd upstream, const std::string& reason);
  // Resets a leg that is silent for this reason alone: the silence ends with it.
  void reset_silent_leg(LegId leg, HoldReason silent_for, const std::string& reason);
  // Moves on what both legs have received by now.
  void catch_up();

  [[nodiscard]] ConnectionId id() const { return id_; }
  [[nodiscard]] const Leg& leg(LegId id) const { return legs_.at(index_of(id)); }
  [[nodiscard]] bool is_connected() const { return phase_ == Phase::kRelaying; }
  [[nodiscard]] bool is_over() const { return phase_ == Phase::kOver; }
  [[nodiscard]] bool is_held() const;
  [[nodiscard]] bool is_held_by(HoldReason reason) const {
    return legs_[0].is_held_by(reason) || legs_[1].is_held_by(reason);
  }
  [[nodiscard]] bool is_held_by_others(HoldReason reason) const {
    return legs_[0].is_held_by_others(reason) || legs_[1].is_held_by_others(reason);
  }
  // True when bytes of the leg were received that have not reached the other's peer, because they
  // wait here or because its window is closed.
  [[nodiscard]] bool has_unforwarded(LegId from) const;
  // True when the leg has bytes or a FIN for the relay, which has not looked at them although
  // nothing keeps it from moving them on.
  [[nodiscard]] bool has_unread(LegId from) const;
  // Reports segments that were swallowed since the last call to the owner.
  void collect_dropped();

  [[nodiscard]] const std::string& client_address() const { return client_address_; }
  [[nodiscard]] const std::string& upstream_local() const { return upstream_local_; }
  [[nodiscard]] std::uint64_t relayed_bytes(LegId from) const {
    return flows_.at(index_of(from)).relayed_bytes;
  }
  // "accepted", "dialing", "relaying", "silent" or "severed".
  [[nodiscard]] std::string state_text() const;

 private:
  enum class Phase : std::uint8_t { kAccepted, kDialing, kRelaying, kOver };

  // One direction, named by the leg that its bytes come from.
  struct Flow {
    std::vector<char> pending;
    std::size_t pending_offset = 0;
    bool source_ended = false;  // the source sent FIN and all before it was read
    bool sink_shut = false;     // and the FIN was passed on
    std::uint64_t relayed_bytes = 0;
    [[nodiscard]] bool has_pending() const { return pending_offset < pending.size(); }
  };
  enum class PumpResult : std::uint8_t { kBlocked, kSourceFailed, kSinkFailed };

  Leg& mutable_leg(LegId id) { return legs_.at(index_of(id)); }
  Flow& flow_from(LegId id) { return flows_.at(index_of(id)); }
  void dial();
  void handle_dial_timeout();
  void handle_dial_event();
  void fail_dial(int error);
  void handle_event(LegId leg, std::uint32_t events);
  void run_flow(LegId from);
  [[nodiscard]] PumpResult pump(LegId from);
  [[nodiscard]] bool flush_pending(LegId from, PumpResult& result);
  void fail_leg(LegId leg, int error);
  void settle();
  void report_over();
  [[nodiscard]] bool is_still() const;

  Poller& poller_;
  ConnectionOwner& owner_;
  ConnectionId id_;
  std::uint32_t mark_;
  std::string client_address_;
  std::string upstream_local_;
  std::array<Leg, 2> legs_;
  std::array<Flow, 2> flows_;
  Phase phase_ = Phase::kAccepted;
  std::optional<boost::asio::ip::tcp::endpoint> upstream_;
  boost::asio::steady_timer dial_timer_;
  CloseReport report_;
};

}  // namespace halfopen

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
// - What waits here is bounded (flow.hpp); more is left in the kernel, whose window then closes.
// - `over` is reported once, after both legs have ended.
#pragma once

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "metrics/kernel_evidence.hpp"
#include "proxy/shell/flow.hpp"
#include "proxy/shell/leg.hpp"
#include "proxy/shell/resolver.hpp"

namespace halfopen {

struct CloseReport {
  std::string reason;
  int error = 0;
  std::string problem{};  // what a person is told of a dial, where the error's name is not enough
  std::optional<TcpInfo> tcp_info{};  // of the leg that died, at that moment
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
  // Bytes that were read from this leg, and bytes of it that the other leg has taken.
  virtual void handle_moved(LegId from, std::size_t received, std::size_t relayed) = 0;
  virtual void handle_reset_relayed() = 0;
  virtual void handle_reset_by_fault() = 0;
  virtual void handle_dropped(LegId leg, std::uint32_t segments) = 0;
  // The leg is about to fall silent.
  virtual void handle_silencing(Connection& connection, LegId leg) = 0;
  // A leg has fallen silent, or none is any more.
  virtual void handle_silence(bool is_silent) = 0;
  virtual void handle_over(Connection& connection, const CloseReport& report) = 0;
};

// What a connection needs to know, besides its client.
struct ConnectionSettings {
  EventLoop& loop;
  Resolver& resolver;
  PipePool& pipes;
  std::uint32_t mark;
  // Whether one side's FIN leaves the other direction open, or ends both.
  bool half_close;
};

class Connection final : private LegOwner {
 public:
  // `ordinal` counts the proxy's connections from 1: what is random of this one is keyed by it.
  Connection(const ConnectionSettings& settings, ConnectionOwner& owner, ConnectionId id,
             std::uint64_t ordinal, Descriptor client,
             const boost::asio::ip::tcp::endpoint& client_address);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Dials "host:port", or will once no hold is left and the dial is allowed.
  void start(const std::string& upstream);
  void withhold_dial() { is_dial_withheld_ = true; }
  void allow_dial();
  [[nodiscard]] bool is_dial_withheld() const { return is_dial_withheld_; }

  // Both legs become black holes for this reason, until release(). A leg that cannot be silenced
  // is ended instead, so a Problem may be the connection's end.
  [[nodiscard]] Result<void> hold(HoldReason reason);
  [[nodiscard]] Result<void> hold_leg(LegId leg, HoldReason reason);
  void release(HoldReason reason);
  [[nodiscard]] Result<void> hear_fins(LegId leg, HearFins hear) {
    return mutable_leg(leg).hear_fins(hear);
  }
  // What this leg's peer sends is lost on its way from now on, or no more; the other direction goes
  // on.
  [[nodiscard]] Result<void> set_lossy(LegId from, bool is_lossy);
  // The stream from this leg ends here, as if its source had sent a FIN behind what has come by
  // now: the other leg gets one, and the other direction goes on.
  void end_stream(LegId from);
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

  // The stages that shape what comes from this leg. After each edit of the chain, and outside of
  // the connection's own calls, handle_chain_changed() moves on what the edit has made due.
  [[nodiscard]] StreamChain& chain(LegId from);
  void handle_chain_changed(LegId from);

  [[nodiscard]] ConnectionId id() const { return id_; }
  [[nodiscard]] std::uint64_t ordinal() const { return ordinal_; }
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

  [[nodiscard]] std::string client_address() const;
  // Empty before it is connected.
  [[nodiscard]] std::string upstream_local() const;
  [[nodiscard]] bool was_connected() const { return upstream_local_.port() != 0; }
  [[nodiscard]] const Flow& flow(LegId from) const { return flows_.at(index_of(from)); }
  [[nodiscard]] std::uint64_t relayed_bytes(LegId from) const {
    return flows_.at(index_of(from)).relayed_bytes();
  }
  // "accepted", "dialing", "relaying", "silent" or "severed".
  [[nodiscard]] std::string state_text() const;

 private:
  enum class Phase : std::uint8_t { kAccepted, kDialing, kRelaying, kOver };

  // Gone as soon as the upstream has answered.
  struct Dial {
    std::string upstream;
    std::optional<Resolver::Question> question;
    Endpoints endpoints;
    std::size_t tried = 0;
    std::optional<Instant> deadline;  // none while a hold lasts
  };

  Leg& mutable_leg(LegId id) { return legs_.at(index_of(id)); }
  Flow& flow_from(LegId id) { return flows_.at(index_of(id)); }

  // The way to the upstream, in connection_dial.cpp.
  void dial();
  void handle_resolved(Result<Endpoints> found);
  void dial_next(int last_error);
  [[nodiscard]] int connect_to(const boost::asio::ip::tcp::endpoint& endpoint);
  void handle_dial_event(std::uint32_t events);
  void fail_dial(int error, std::string problem = {});

  void handle_leg(LegId from, std::uint32_t events) override;
  void note_edges(LegId from, std::uint32_t events);
  void run_flow(LegId from);
  // Moves on what the leg has received by now.
  void move_arrived(LegId from);
  void act_on(LegId from, const Flow::Turn& turn);
  void close_both_ways(LegId from, const std::string& reason);
  void pass_end_on(LegId from);
  void fail_leg(LegId leg, int error);
  void handle_timer();
  void schedule();
  void note_silence();
  void report_over();
  [[nodiscard]] bool is_still() const;
  // Whether one direction may end alone.
  [[nodiscard]] bool keeps_half_open(LegId from) const {
    return settings_.half_close || is_stream_cut_.at(index_of(from));
  }

  ConnectionSettings settings_;
  ConnectionOwner& owner_;
  ConnectionId id_;
  std::uint64_t ordinal_;
  boost::asio::ip::tcp::endpoint client_address_;
  std::array<Leg, 2> legs_;
  std::array<Flow, 2> flows_;
  std::unique_ptr<Dial> dial_;
  Timer timer_;
  std::unique_ptr<CloseReport> report_;
  boost::asio::ip::tcp::endpoint upstream_local_;
  Phase phase_ = Phase::kAccepted;
  bool was_silent_ = false;
  bool is_turn_owed_ = false;  // a flow has yielded
  bool is_dial_withheld_ = false;
  std::array<bool, 2> is_stream_cut_{};  // by end_stream()
};

}  // namespace halfopen

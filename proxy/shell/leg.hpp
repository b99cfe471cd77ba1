// One of the two TCP connections that a relayed connection consists of, with its ways to fall
// silent and to end.
//
// Intuition: a leg is a socket plus the reasons for which it must be silent. It becomes a black
// hole with the first reason and heals when the last one goes.
//
// Invariants: events are reported only while the leg is open and not held; while held, nothing that
// the kernel learns about the socket (errors, hang-ups) reaches the relay.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "proxy/shell/descriptor.hpp"
#include "proxy/shell/kernel_tricks.hpp"
#include "proxy/shell/poller.hpp"

namespace halfopen {

enum class LegId : std::uint8_t { kClient, kUpstream };
[[nodiscard]] constexpr LegId other(LegId leg) {
  return leg == LegId::kClient ? LegId::kUpstream : LegId::kClient;
}
[[nodiscard]] constexpr std::size_t index_of(LegId leg) {
  return leg == LegId::kClient ? 0 : 1;
}

// Why a leg or a listener is silent; several may hold at once.
enum class HoldReason : std::uint8_t {
  kNat = 1,
  kBlackhole = 2,  // both cables are cut
  kPowerLoss = 4,
  kSynDrop = 8,
  kBlackholeInside = 16,
  kBlackholeOutside = 32,
};

class Leg {
 public:
  using Handler = std::function<void(std::uint32_t epoll_events)>;

  explicit Leg(Poller& poller) : poller_(poller) {}
  ~Leg();
  Leg(const Leg&) = delete;
  Leg& operator=(const Leg&) = delete;

  // Takes a non-blocking socket over and begins to report errors and hang-ups.
  void open(Descriptor socket, Handler handler);
  // What to report beside errors and hang-ups.
  void want(bool read, bool write);
  // Reports errors and hang-ups once each time that they happen, not as long as they last: for a
  // leg whose both directions are closed, which hangs up for the rest of its life.
  void want_only_news();

  [[nodiscard]] Result<void> hold(HoldReason reason, std::uint32_t mark);
  void release(HoldReason reason);
  // From now on FINs are swallowed, or heard again; while the leg is silent that is only noted.
  [[nodiscard]] Result<void> hear_fins(HearFins hear);
  void end(LegEnd how);

  [[nodiscard]] int socket() const { return socket_.get(); }
  [[nodiscard]] bool is_open() const { return socket_.is_open(); }
  [[nodiscard]] bool is_held() const { return reasons_ != 0; }
  [[nodiscard]] bool is_held_by(HoldReason reason) const {
    return (reasons_ & static_cast<unsigned>(reason)) != 0;
  }
  [[nodiscard]] unsigned hold_reasons() const { return reasons_; }
  [[nodiscard]] bool is_held_by_others(HoldReason reason) const {
    return (reasons_ & ~static_cast<unsigned>(reason)) != 0;
  }
  // Segments swallowed since the last call, while the leg is held.
  [[nodiscard]] std::uint32_t take_dropped();

 private:
  void watch(std::uint32_t epoll_events);
  void unwatch();

  Poller& poller_;
  Descriptor socket_;
  Handler handler_;
  std::optional<Poller::Token> token_;
  std::uint32_t interest_ = 0;
  unsigned reasons_ = 0;
  std::uint32_t dropped_seen_ = 0;
  HearFins hear_fins_ = HearFins::kYes;
};

}  // namespace halfopen

// One of the two TCP connections that a relayed connection consists of, with its ways to fall
// silent and to end.
//
// Intuition: a leg is a socket plus the reasons for which it must be silent. It becomes a black
// hole with the first reason and heals when the last one goes.
//
// Invariants: readiness, errors and hang-ups are reported by edges, and again as they stand when a
// silence ends; events are reported only while the leg is open and not held; while held, nothing
// that the kernel learns about the socket (errors, hang-ups) reaches the relay.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include "proxy/shell/descriptor.hpp"
#include "proxy/shell/event_loop.hpp"
#include "proxy/shell/kernel_tricks.hpp"

namespace halfopen {

enum class LegId : std::uint8_t { kClient, kUpstream };
[[nodiscard]] constexpr LegId other(LegId leg) {
  return leg == LegId::kClient ? LegId::kUpstream : LegId::kClient;
}
[[nodiscard]] constexpr std::size_t index_of(LegId leg) {
  return leg == LegId::kClient ? 0 : 1;
}

// Why a leg or a listener is silent; several may hold at once.
enum class HoldReason : std::uint16_t {
  kNat = 1,
  kBlackhole = 2,  // both cables are cut
  kPowerLoss = 4,
  kSynDrop = 8,
  kBlackholeInside = 16,
  kBlackholeOutside = 32,
  kAcceptThenSilence = 64,
  kResetOnNext = 128,
  kAsymmetric = 256,
  kFlap = 512,
};
// With the fault that each one stands for.
inline constexpr std::array<std::pair<HoldReason, std::string_view>, 10> kHoldReasons{
    {{HoldReason::kNat, "nat"},
     {HoldReason::kBlackhole, "blackhole"},
     {HoldReason::kBlackholeInside, "blackhole"},
     {HoldReason::kBlackholeOutside, "blackhole"},
     {HoldReason::kPowerLoss, "power_loss"},
     {HoldReason::kSynDrop, "syn_drop"},
     {HoldReason::kAcceptThenSilence, "accept_then_silence"},
     {HoldReason::kResetOnNext, "reset_on_next"},
     {HoldReason::kAsymmetric, "asymmetric"},
     {HoldReason::kFlap, "flap"}}};

// Who is told what epoll says of a leg.
class LegOwner {
 public:
  virtual void handle_leg(LegId leg, std::uint32_t epoll_events) = 0;

 protected:
  ~LegOwner() = default;
};

class Leg final : private IoHandler {
 public:
  Leg(EventLoop& loop, LegOwner& owner, LegId id) : loop_(loop), owner_(owner), id_(id) {}
  ~Leg();
  Leg(const Leg&) = delete;
  Leg& operator=(const Leg&) = delete;

  // Takes a non-blocking socket over and begins to report.
  void open(Descriptor socket);

  [[nodiscard]] Result<void> hold(HoldReason reason, std::uint32_t mark);
  void release(HoldReason reason);
  // From now on FINs are swallowed, or heard again; while the leg is silent that is only noted.
  [[nodiscard]] Result<void> hear_fins(HearFins hear);
  // What the peer sends is lost on its way, or what is sent to it; the other direction goes on.
  // Noted where the leg is silent or not open yet.
  [[nodiscard]] Result<void> set_deaf(bool is_deaf);
  [[nodiscard]] Result<void> set_mute(std::optional<std::uint32_t> mark);
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
  // Whether a filter drops what arrives.
  [[nodiscard]] bool swallows() const { return is_held() || restraint_.is_deaf; }
  // Segments swallowed since the last call, while the leg is held.
  [[nodiscard]] std::uint32_t take_dropped();

 private:
  void handle_io(std::uint32_t epoll_events) override { owner_.handle_leg(id_, epoll_events); }
  void watch();
  void unwatch();
  [[nodiscard]] Result<void> apply_restraint();

  EventLoop& loop_;
  LegOwner& owner_;
  LegId id_;
  bool is_watched_ = false;
  Descriptor socket_;
  unsigned reasons_ = 0;
  std::uint32_t dropped_seen_ = 0;
  Restraint restraint_;
};

}  // namespace halfopen

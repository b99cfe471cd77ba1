#include "proxy/shell/leg.hpp"

#include <sys/epoll.h>

namespace halfopen {

Leg::~Leg() {
  end(LegEnd::kFin);
}

void Leg::open(Descriptor socket) {
  socket_ = std::move(socket);
  // A leg that opens in a cut: what cannot be cut shows in the dial.
  if (restraint_.is_deaf || restraint_.mute_mark) (void)apply_restraint();
  watch();
}

void Leg::watch() {
  if (!is_open() || is_held() || is_watched_) return;
  loop_.add(socket_.get(), EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLRDHUP | EPOLLET, *this);
  is_watched_ = true;
}

void Leg::unwatch() {
  if (is_watched_) loop_.remove(socket_.get(), *this);
  is_watched_ = false;
}

Result<void> Leg::hold(HoldReason reason, std::uint32_t mark) {
  if (!is_open()) return {};
  if (!is_held()) {
    if (!swallows()) dropped_seen_ = dropped_segments(socket_.get());
    if (auto silenced = silence(socket_.get(), mark); silenced.has_error()) {
      unsilence(socket_.get(), restraint_);
      return silenced;
    }
    unwatch();
  }
  reasons_ |= static_cast<unsigned>(reason);
  return {};
}

void Leg::release(HoldReason reason) {
  if (!is_held_by(reason)) return;
  reasons_ &= ~static_cast<unsigned>(reason);
  if (is_held() || !is_open()) return;
  unsilence(socket_.get(), restraint_);
  watch();
}

Result<void> Leg::hear_fins(HearFins hear) {
  if (hear == restraint_.hear_fins || !is_open()) return {};
  restraint_.hear_fins = hear;
  auto applied = apply_restraint();
  if (applied.has_error()) restraint_.hear_fins = HearFins::kYes;
  return applied;
}

Result<void> Leg::set_deaf(bool is_deaf) {
  if (is_deaf == restraint_.is_deaf) return {};
  if (is_open() && !swallows()) dropped_seen_ = dropped_segments(socket_.get());
  restraint_.is_deaf = is_deaf;
  return apply_restraint();
}

Result<void> Leg::set_mute(std::optional<std::uint32_t> mark) {
  if (mark == restraint_.mute_mark) return {};
  restraint_.mute_mark = mark;
  return apply_restraint();
}

Result<void> Leg::apply_restraint() {
  if (!is_open() || is_held()) return {};
  return restrain(socket_.get(), restraint_);
}

void Leg::end(LegEnd how) {
  if (!is_open()) return;
  unwatch();
  // A silent leg can only vanish: a FIN or RST of it would be dropped by the mark, and the peer's
  // next segment should find that there is no such connection.
  const bool is_unheard = is_held() || restraint_.mute_mark.has_value();
  close_with(is_unheard ? LegEnd::kVanish : how, std::move(socket_));
  socket_ = Descriptor{};
  reasons_ = 0;
}

std::uint32_t Leg::take_dropped() {
  if (!is_open() || !swallows()) return 0;
  const std::uint32_t now = dropped_segments(socket_.get());
  const std::uint32_t before = dropped_seen_;
  dropped_seen_ = now;
  return now - before;
}

}  // namespace halfopen

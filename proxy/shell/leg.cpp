#include "proxy/shell/leg.hpp"

#include <sys/epoll.h>

namespace halfopen {

Leg::~Leg() {
  end(LegEnd::kFin);
}

void Leg::open(Descriptor socket) {
  socket_ = std::move(socket);
  watch();
}

void Leg::watch() {
  if (!is_open() || is_held() || is_watched_) return;
  loop_.add(socket_.get(), EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, *this);
  is_watched_ = true;
}

void Leg::unwatch() {
  if (is_watched_) loop_.remove(socket_.get(), *this);
  is_watched_ = false;
}

Result<void> Leg::hold(HoldReason reason, std::uint32_t mark) {
  if (!is_open()) return {};
  if (!is_held()) {
    dropped_seen_ = dropped_segments(socket_.get());
    if (auto silenced = silence(socket_.get(), mark); silenced.has_error()) {
      unsilence(socket_.get(), hear_fins_);
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
  unsilence(socket_.get(), hear_fins_);
  watch();
}

Result<void> Leg::hear_fins(HearFins hear) {
  if (hear == hear_fins_ || !is_open()) return {};
  if (!is_held()) {
    if (hear == HearFins::kYes) {
      detach_filter(socket_.get());
    } else if (auto attached = attach_fin_filter(socket_.get()); attached.has_error()) {
      return attached;
    }
  }
  hear_fins_ = hear;
  return {};
}

void Leg::end(LegEnd how) {
  if (!is_open()) return;
  unwatch();
  // A silent leg can only vanish: a FIN or RST of it would be dropped by the mark, and the peer's
  // next segment should find that there is no such connection.
  close_with(is_held() ? LegEnd::kVanish : how, std::move(socket_));
  socket_ = Descriptor{};
  reasons_ = 0;
}

std::uint32_t Leg::take_dropped() {
  if (!is_open() || !is_held()) return 0;
  const std::uint32_t now = dropped_segments(socket_.get());
  const std::uint32_t before = dropped_seen_;
  dropped_seen_ = now;
  return now - before;
}

}  // namespace halfopen

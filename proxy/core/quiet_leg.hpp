// Whether a cheaper question than a whole look tells that nothing came on a leg.
//
// Intuition: on a leg that is idle and owes nothing, what may still arrive is a keep-alive probe,
// data, a FIN or a RST. The last three wake the proxy; a probe lies outside of the window, and
// the kernel counts it among the segments that it dropped (net/ipv4/tcp_input.c,
// tcp_validate_incoming). So an unchanged count of drops says that nothing came, for a third less
// than TCP_INFO, which matters to thousands of idle connections.
//
// Invariants: where anything else could come unseen (an ACK of what is outstanding, a wider window
// of a peer that has not read everything, a filter that drops, a half-closed leg) the answer is no.
#pragma once

#include <algorithm>
#include <cstdint>

#include "proxy/core/nat_look.hpp"

namespace halfopen {

class QuietLeg {
 public:
  // A whole look, and the count of drops as it was before it: what comes in between then shows.
  void handle_look(const Look& look, std::uint32_t dropped_before, bool is_filtered) {
    widest_window_bytes_ = std::max(widest_window_bytes_, look.peer_window_bytes);
    is_idle_ = !is_filtered && look.tcp_state == kTcpStateEstablished &&
               !look.has_outstanding_data && look.peer_window_bytes == widest_window_bytes_;
    dropped_ = dropped_before;
  }
  void forget() { is_idle_ = false; }

  // Whether the count of drops is enough to know.
  [[nodiscard]] bool is_idle() const { return is_idle_; }
  [[nodiscard]] bool is_quiet(std::uint32_t dropped) const {
    return is_idle_ && dropped == dropped_;
  }

 private:
  static constexpr std::uint8_t kTcpStateEstablished = 1;
  std::uint32_t widest_window_bytes_ = 0;
  std::uint32_t dropped_ = 0;
  bool is_idle_ = false;
};

}  // namespace halfopen

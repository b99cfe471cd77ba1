#include "node/shell/witness.hpp"

namespace halfopen::node {

bool ends_connection(const note::Transition& transition) {
  const auto holds_connection = [](PeerState state) {
    return state == PeerState::kDialing || state == PeerState::kHandshaking || is_up(state);
  };
  return holds_connection(transition.from) && !holds_connection(transition.to);
}

bool is_death(const note::Transition& transition) {
  return is_up(transition.from) && !is_up(transition.to) &&
         transition.reason != Reason::kShutdown && transition.reason != Reason::kReplaced &&
         transition.reason != Reason::kTieBreak && transition.reason != Reason::kRemoved;
}

}  // namespace halfopen::node

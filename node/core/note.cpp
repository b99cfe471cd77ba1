#include "node/core/note.hpp"

#include <array>

namespace halfopen::node {
namespace {

template <class Enum, std::size_t size>
std::string_view look_up(const std::array<std::string_view, size>& names, Enum value) {
  return names.at(static_cast<std::size_t>(value));
}

}  // namespace

std::string_view name_of(PeerState state) {
  static constexpr std::array<std::string_view, kPeerStateCount> kNames{
      "Idle", "Dialing", "Handshaking", "Healthy", "Suspect", "Backoff", "Closed"};
  return look_up(kNames, state);
}

std::string_view name_of(Direction direction) {
  return direction == Direction::kOutbound ? "outbound" : "inbound";
}

std::string_view name_of(note::Received outcome) {
  static constexpr std::array<std::string_view, 3> kNames{"stored", "duplicate", "rejected"};
  return look_up(kNames, outcome);
}

std::string_view name_of(note::Abandoned reason) {
  static constexpr std::array<std::string_view, note::kAbandonedCount> kNames{
      "no_connection", "outbox_full", "send_failed", "ack_timeout", "rejected", "removed"};
  return look_up(kNames, reason);
}

std::string_view name_of(note::PingStep step) {
  static constexpr std::array<std::string_view, 3> kNames{"sent", "answered", "timeout"};
  return look_up(kNames, step);
}

}  // namespace halfopen::node

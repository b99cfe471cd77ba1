// A chain without stages, until there are some.
#include <vector>

#include "proxy/core/stream/chain.hpp"

namespace halfopen {

struct StreamChain::Implementation {
  std::vector<char> held;
  bool ended = false;
};

StreamChain::StreamChain() : implementation_(std::make_unique<Implementation>()) {}
StreamChain::~StreamChain() = default;
std::size_t StreamChain::room() const {
  return implementation_->held.empty() ? 32768 : 0;
}
void StreamChain::handle_bytes(std::span<const char> bytes, Instant) {
  implementation_->held.insert(implementation_->held.end(), bytes.begin(), bytes.end());
}
void StreamChain::handle_end(Instant) {
  implementation_->ended = true;
}
void StreamChain::handle_timeout(Instant) {}
std::optional<Instant> StreamChain::deadline() const {
  return std::nullopt;
}
std::span<const char> StreamChain::output() const {
  return implementation_->held;
}
void StreamChain::consume(std::size_t bytes, Instant) {
  auto& held = implementation_->held;
  held.erase(held.begin(), held.begin() + static_cast<std::ptrdiff_t>(bytes));
}
StreamState StreamChain::state() const {
  return implementation_->ended ? StreamState::kEnded : StreamState::kOpen;
}
std::size_t StreamChain::held_bytes() const {
  return implementation_->held.size();
}
void StreamChain::add(StageId, const StreamFaultConfig&, std::uint64_t, Instant) {}
void StreamChain::change(StageId, const StreamFaultConfig&, Instant) {}
void StreamChain::remove(StageId, Instant) {}
bool StreamChain::has_stages() const {
  return false;
}

}  // namespace halfopen

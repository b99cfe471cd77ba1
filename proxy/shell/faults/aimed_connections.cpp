#include "proxy/shell/faults/aimed_connections.hpp"

#include <algorithm>

namespace halfopen {
namespace {

// How often one that is silent for another reason is tried again.
constexpr Duration kRetryInterval = std::chrono::milliseconds(20);

}  // namespace

void AimedConnections::start(Instant now) {
  for (const auto& connection : host_.connections()) {
    if (connection->is_connected()) {
      due_.emplace(connection->id(), now + aim_.after);
    } else {
      awaited_.insert(connection->id());
    }
  }
}

void AimedConnections::handle_connected(const Connection& connection, Instant now) {
  const bool was_there = awaited_.erase(connection.id()) > 0;
  if (was_there || aim_.new_connections) due_.emplace(connection.id(), now + aim_.after);
}

void AimedConnections::handle_over(const Connection& connection) {
  awaited_.erase(connection.id());
  due_.erase(connection.id());
}

std::vector<std::shared_ptr<Connection>> AimedConnections::take_due(Instant now) {
  const auto deadline = next_deadline();
  if (!deadline || *deadline > now) return {};
  std::vector<std::shared_ptr<Connection>> taken;
  for (const auto& connection : host_.connections()) {
    const auto found = due_.find(connection->id());
    if (found == due_.end() || found->second > now) continue;
    if (connection->is_held()) {
      found->second = now + kRetryInterval;
    } else {
      due_.erase(found);
      taken.push_back(connection);
    }
  }
  return taken;
}

std::optional<Instant> AimedConnections::next_deadline() const {
  const auto first = std::min_element(
      due_.begin(), due_.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  if (first == due_.end()) return std::nullopt;
  return first->second;
}

}  // namespace halfopen

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
      aim_at(connection->id(), now + aim_.after);
    } else {
      awaited_.insert(connection->id());
    }
  }
}

void AimedConnections::handle_connected(const Connection& connection, Instant now) {
  const bool was_there = awaited_.erase(connection.id()) > 0;
  if (was_there || aim_.new_connections) aim_at(connection.id(), now + aim_.after);
}

void AimedConnections::handle_over(const Connection& connection) {
  awaited_.erase(connection.id());
  const auto found = due_.find(connection.id());
  if (found == due_.end()) return;
  queue_.erase({found->second, connection.id()});
  due_.erase(found);
}

void AimedConnections::aim_at(ConnectionId id, Instant at) {
  if (due_.emplace(id, at).second) queue_.emplace(at, id);
}

std::vector<ConnectionId> AimedConnections::take_due(Instant now) {
  std::vector<ConnectionId> taken;
  while (!queue_.empty() && queue_.begin()->first <= now) {
    const ConnectionId id = queue_.begin()->second;
    queue_.erase(queue_.begin());
    due_.erase(id);
    const Connection* connection = host_.find_connection(id);
    if (connection == nullptr) continue;
    if (connection->is_held()) {
      aim_at(id, now + kRetryInterval);
    } else {
      taken.push_back(id);
    }
  }
  std::sort(taken.begin(), taken.end());
  return taken;
}

std::optional<Instant> AimedConnections::next_deadline() const {
  if (queue_.empty()) return std::nullopt;
  return queue_.begin()->first;
}

}  // namespace halfopen

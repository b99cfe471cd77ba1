#include "proxy/shell/faults/stream_fault.hpp"

#include <string>

#include "base/prng.hpp"
#include "metrics/clock.hpp"
#include "proxy/core/stream/bandwidth_budget.hpp"

namespace halfopen {
namespace {

// Never one that was used before: a stage that was removed may still be there, running empty.
StageId next_stage() {
  static std::uint64_t last = 0;
  return StageId{++last};
}

// Uniform in [0, 1).
double unit_draw(std::uint64_t seed) {
  constexpr double kTwoToThe53 = 9007199254740992.0;
  return static_cast<double>(seed >> 11U) / kTwoToThe53;
}

}  // namespace

StreamFault::StreamFault(FaultHost& host, const FaultSpec& spec)
    : host_(host), spec_(spec), stage_(next_stage()) {
  prepare();
}

void StreamFault::prepare() {
  for (StreamFaultConfig& config : hit_) {
    config = std::get<StreamFaultConfig>(spec_.config);
    auto* bandwidth = std::get_if<BandwidthConfig>(&config);
    if (bandwidth != nullptr && bandwidth->scope == BandwidthScope::kProxy) {
      bandwidth->shared_budget = std::make_shared<BandwidthBudget>();
    }
  }
}

std::vector<LegId> StreamFault::sources() const {
  switch (spec_.stream) {
    case StreamDirection::kUpstream:
      return {LegId::kClient};
    case StreamDirection::kDownstream:
      return {LegId::kUpstream};
    case StreamDirection::kBoth:
      break;
  }
  return {LegId::kClient, LegId::kUpstream};
}

std::uint64_t StreamFault::seed_of(const Connection& connection, LegId from,
                                   std::string_view purpose) const {
  Prng prng = Prng{host_.seed()}
                  .fork(host_.proxy_name())
                  .fork(spec_.name)
                  .fork(from == LegId::kClient ? "upstream" : "downstream")
                  .fork(std::to_string(connection.ordinal()))
                  .fork(purpose);
  return prng.next();
}

const StreamFaultConfig& StreamFault::draw(const Connection& connection, LegId from) const {
  const std::string purpose = "toxicity " + std::to_string(changes_);
  const bool is_hit = unit_draw(seed_of(connection, from, purpose)) < spec_.toxicity;
  return is_hit ? hit_.at(index_of(from)) : spared_;
}

void StreamFault::handle_connected(Connection& connection) {
  const Instant now = monotonic_now();
  for (const LegId from : sources()) {
    connection.chain(from).add(stage_, draw(connection, from), seed_of(connection, from, "stage"),
                               now);
  }
}

void StreamFault::start(Instant) {
  for (const auto& connection : host_.connections()) {
    if (!connection->is_connected()) continue;
    handle_connected(*connection);
    for (const LegId from : sources())
      connection->handle_chain_changed(from);
  }
}

Result<void> StreamFault::change(const FaultConfig& config) {
  FaultSpec spec = spec_;
  spec.config = config;
  return change_spec(spec);
}

Result<void> StreamFault::change_spec(const FaultSpec& spec) {
  spec_ = spec;
  ++changes_;
  prepare();
  for (const auto& connection : host_.connections()) {
    for (const LegId from : sources()) {
      if (!connection->is_connected()) break;
      connection->chain(from).change(stage_, draw(*connection, from), monotonic_now());
      connection->handle_chain_changed(from);
    }
  }
  return {};
}

Result<void> StreamFault::stop(Instant) {
  for (const auto& connection : host_.connections()) {
    for (const LegId from : sources()) {
      if (!connection->is_connected()) break;
      connection->chain(from).remove(stage_, monotonic_now());
      connection->handle_chain_changed(from);
    }
  }
  return {};
}

}  // namespace halfopen

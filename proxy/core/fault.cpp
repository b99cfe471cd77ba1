#include "proxy/core/fault.hpp"

#include <array>

namespace halfopen {
namespace {

using ParseFunction = Result<FaultConfig> (*)(const boost::json::object&, const std::string&);

template <auto parse>
Result<FaultConfig> parse_as(const boost::json::object& attributes, const std::string& where) {
  auto parsed = parse(attributes, where);
  if (parsed.has_error()) return parsed.error();
  return FaultConfig{std::move(*parsed)};
}

// The registry. The order is that of FaultConfig's alternatives.
constexpr std::array<std::string_view, 10> kNames{
    "nat",           "blackhole",  "peer_restart", "syn_drop", "refuse", "accept_then_silence",
    "reset_on_next", "half_close", "asymmetric",   "flap"};
constexpr std::array<ParseFunction, 10> kParsers{
    &parse_as<parse_nat>,           &parse_as<parse_blackhole>,
    &parse_as<parse_peer_restart>,  &parse_as<parse_syn_drop>,
    &parse_as<parse_refuse>,        &parse_as<parse_accept_then_silence>,
    &parse_as<parse_reset_on_next>, &parse_as<parse_half_close>,
    &parse_as<parse_asymmetric>,    &parse_as<parse_flap>};
static_assert(kNames.size() == std::variant_size_v<FaultConfig>);

struct Needs {
  AbilityNeeds operator()(const NatConfig& config) const {
    AbilityNeeds needs;
    for (const SideFate fate : fates_at_expiry(config)) {
      switch (fate) {
        case SideFate::kDropNextPacket:
        case SideFate::kReviveNextPacket:
        case SideFate::kRstWhenSeen:
          return kBlackHoleNeeds;
        case SideFate::kRstNextPacket:
          needs.repair = true;
          break;
        case SideFate::kRstNow:
        case SideFate::kFinNow:
          break;
      }
    }
    return needs;
  }
  AbilityNeeds operator()(const BlackholeConfig& config) const {
    if (config.direction == BlackholeConfig::Direction::kBoth) return kBlackHoleNeeds;
    return {.filter = true, .egress_drop = true};
  }
  AbilityNeeds operator()(const PeerRestartConfig& config) const {
    return config.kind == RestartKind::kPowerLoss ? kBlackHoleNeeds : AbilityNeeds{};
  }
  AbilityNeeds operator()(const SynDropConfig&) const {
    return {.filter = true, .egress_drop = true};
  }
  AbilityNeeds operator()(const RefuseConfig&) const { return {}; }
  AbilityNeeds operator()(const AcceptThenSilenceConfig& config) const {
    return config.acks ? AbilityNeeds{} : kBlackHoleNeeds;
  }
  AbilityNeeds operator()(const ResetOnNextConfig&) const { return kBlackHoleNeeds; }
  AbilityNeeds operator()(const HalfCloseConfig&) const { return {}; }
  AbilityNeeds operator()(const AsymmetricConfig& config) const {
    if (config.then == AsymmetricConfig::Then::kDrop) return kBlackHoleNeeds;
    return {.repair = true};
  }
  AbilityNeeds operator()(const FlapConfig& config) const {
    return config.how == FlapConfig::How::kBlackhole ? kBlackHoleNeeds : AbilityNeeds{};
  }
};

}  // namespace

std::span<const std::string_view> fault_type_names() {
  return kNames;
}

Result<FaultConfig> parse_fault(std::string_view type, const boost::json::object& attributes,
                                const std::string& where) {
  std::string known;
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames.at(i) == type) return kParsers.at(i)(attributes, where);
    if (!known.empty()) known += ", ";
    known += kNames.at(i);
  }
  return Problem{"type: unknown fault type \"", type, "\", expected one of ", known};
}

std::string_view type_of(const FaultConfig& config) {
  return kNames.at(config.index());
}

boost::json::object attributes_of(const FaultConfig& config) {
  return std::visit([](const auto& typed) { return attributes_of(typed); }, config);
}

AbilityNeeds needs_of(const FaultConfig& config) {
  return std::visit(Needs{}, config);
}

}  // namespace halfopen

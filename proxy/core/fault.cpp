#include "proxy/core/fault.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/near_name.hpp"

namespace halfopen {
namespace {

using ParseFunction = Result<FaultConfig> (*)(const boost::json::object&, const std::string&);
using Names = std::span<const std::string_view>;

template <auto parse>
Result<FaultConfig> parse_as(const boost::json::object& attributes, const std::string& where) {
  auto parsed = parse(attributes, where);
  if (parsed.has_error()) return parsed.error();
  return FaultConfig{std::move(*parsed)};
}

template <auto parse>
Result<FaultConfig> parse_stream_as(const boost::json::object& attributes,
                                    const std::string& where) {
  auto parsed = parse(attributes, where);
  if (parsed.has_error()) return parsed.error();
  return FaultConfig{StreamFaultConfig{std::move(*parsed)}};
}

constexpr std::array<std::string_view, 8> kNatAttributes{
    "profile",        "idle_timeout", "unacked_timeout", "on_expiry",
    "on_next_packet", "refresh_by",   "revive_by",       "inside"};
constexpr std::array<std::string_view, 2> kBlackholeAttributes{"at", "direction"};
constexpr std::array<std::string_view, 2> kPeerRestartAttributes{"kind", "down_time"};
constexpr std::array<std::string_view, 1> kAcceptThenSilenceAttributes{"acks"};
constexpr std::array<std::string_view, 2> kResetOnNextAttributes{"side", "new_connections"};
constexpr std::array<std::string_view, 3> kHalfCloseAttributes{"side", "after", "new_connections"};
constexpr std::array<std::string_view, 5> kAsymmetricAttributes{"forget", "how", "then", "after",
                                                                "new_connections"};
constexpr std::array<std::string_view, 6> kFlapAttributes{"how",    "up",    "down",
                                                          "jitter", "count", "seed"};
constexpr std::array<std::string_view, 2> kLatencyAttributes{"latency", "jitter"};
constexpr std::array<std::string_view, 2> kBandwidthAttributes{"rate", "scope"};
constexpr std::array<std::string_view, 1> kSlowCloseAttributes{"delay"};
constexpr std::array<std::string_view, 1> kTimeoutAttributes{"timeout"};
constexpr std::array<std::string_view, 2> kResetPeerAttributes{"timeout", "on"};
constexpr std::array<std::string_view, 3> kSlicerAttributes{"average_size", "size_variation",
                                                            "delay"};
constexpr std::array<std::string_view, 1> kLimitDataAttributes{"bytes"};
constexpr std::array<std::string_view, 2> kCorruptAttributes{"every_bytes", "at_offset"};

struct Row {
  std::string_view name;
  ParseFunction parse;
  Names attributes;
};

// The registry. Connection faults are in the order of FaultConfig's alternatives, stream faults
// follow in the order of StreamFaultConfig's.
constexpr std::array kRows{
    Row{"nat", &parse_as<parse_nat>, kNatAttributes},
    Row{"blackhole", &parse_as<parse_blackhole>, kBlackholeAttributes},
    Row{"peer_restart", &parse_as<parse_peer_restart>, kPeerRestartAttributes},
    Row{"syn_drop", &parse_as<parse_syn_drop>, {}},
    Row{"refuse", &parse_as<parse_refuse>, {}},
    Row{"accept_then_silence", &parse_as<parse_accept_then_silence>, kAcceptThenSilenceAttributes},
    Row{"reset_on_next", &parse_as<parse_reset_on_next>, kResetOnNextAttributes},
    Row{"half_close", &parse_as<parse_half_close>, kHalfCloseAttributes},
    Row{"asymmetric", &parse_as<parse_asymmetric>, kAsymmetricAttributes},
    Row{"flap", &parse_as<parse_flap>, kFlapAttributes},
    Row{"latency", &parse_stream_as<parse_latency>, kLatencyAttributes},
    Row{"bandwidth", &parse_stream_as<parse_bandwidth>, kBandwidthAttributes},
    Row{"slow_close", &parse_stream_as<parse_slow_close>, kSlowCloseAttributes},
    Row{"timeout", &parse_stream_as<parse_timeout>, kTimeoutAttributes},
    Row{"reset_peer", &parse_stream_as<parse_reset_peer>, kResetPeerAttributes},
    Row{"slicer", &parse_stream_as<parse_slicer>, kSlicerAttributes},
    Row{"limit_data", &parse_stream_as<parse_limit_data>, kLimitDataAttributes},
    Row{"noop", &parse_stream_as<parse_noop>, {}},
    Row{"corrupt", &parse_stream_as<parse_corrupt>, kCorruptAttributes}};
constexpr std::size_t kConnectionFaults = std::variant_size_v<FaultConfig> - 1;
static_assert(kRows.size() == kConnectionFaults + std::variant_size_v<StreamFaultConfig>);
static_assert(
    std::is_same_v<std::variant_alternative_t<kConnectionFaults, FaultConfig>, StreamFaultConfig>,
    "stream faults are the last alternative: their rows are the last ones");

constexpr auto kNames = [] {
  std::array<std::string_view, kRows.size()> names;
  for (std::size_t i = 0; i < names.size(); ++i)
    names.at(i) = kRows.at(i).name;
  return names;
}();

const Row* find_row(std::string_view type) {
  const auto* found =
      std::find_if(kRows.begin(), kRows.end(), [&](const Row& row) { return row.name == type; });
  return found == kRows.end() ? nullptr : found;
}

// ASCII only, as every attribute is.
bool equal_in_any_case(std::string_view left, std::string_view right) {
  const auto lower = [](char character) {
    return character >= 'A' && character <= 'Z' ? static_cast<char>(character - 'A' + 'a')
                                                : character;
  };
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [&](char one, char other) { return lower(one) == lower(other); });
}

std::string joined(Names names) {
  std::string text;
  for (const std::string_view name : names)
    text += (text.empty() ? "" : ", ") + std::string(name);
  return text;
}

// The nearest name as a question, if one is near.
std::string guess(std::string_view name, Names known) {
  const std::string near = near_name(name, {known.begin(), known.end()});
  return near.empty() ? "" : "did you mean \"" + near + "\"? ";
}

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
  AbilityNeeds operator()(const StreamFaultConfig&) const { return {}; }
};

struct Write {
  template <class Config>
  boost::json::object operator()(const Config& config) const {
    return attributes_of(config);
  }
  boost::json::object operator()(const StreamFaultConfig& config) const {
    return std::visit(*this, config);
  }
};

}  // namespace

std::span<const std::string_view> fault_type_names() {
  return kNames;
}

bool is_fault_type(std::string_view type) {
  return find_row(type) != nullptr;
}

bool is_stream_fault_type(std::string_view type) {
  const Row* row = find_row(type);
  return row != nullptr && row >= kRows.data() + kConnectionFaults;
}

Result<FaultConfig> parse_fault(std::string_view type, const boost::json::object& attributes,
                                const std::string& where) {
  const Row* row = find_row(type);
  if (row == nullptr) {
    return Problem{"type: unknown fault type \"",
                   type,
                   "\", ",
                   guess(type, kNames),
                   "expected one of ",
                   joined(kNames)};
  }
  // Before what is missing: a misspelt attribute is both, and its own name helps more.
  for (const auto& [key, value] : attributes) {
    const std::string_view name = key;
    if (std::find(row->attributes.begin(), row->attributes.end(), name) != row->attributes.end()) {
      continue;
    }
    return Problem{where,
                   ".",
                   name,
                   ": unknown attribute, ",
                   guess(name, row->attributes),
                   "expected ",
                   row->attributes.empty() ? "none" : joined(row->attributes)};
  }
  return row->parse(attributes, where);
}

std::span<const std::string_view> attribute_names(std::string_view type) {
  const Row* row = find_row(type);
  return row == nullptr ? Names{} : row->attributes;
}

boost::json::object known_attributes(std::string_view type, const boost::json::object& attributes) {
  boost::json::object known;
  const Names names = attribute_names(type);
  for (const auto& [key, value] : attributes) {
    const std::string_view given = key;
    const auto name = std::find_if(names.begin(), names.end(), [&](std::string_view candidate) {
      return equal_in_any_case(candidate, given);
    });
    if (name != names.end()) known[*name] = value;
  }
  return known;
}

std::string_view type_of(const FaultConfig& config) {
  const auto* stream = std::get_if<StreamFaultConfig>(&config);
  return kNames.at(stream == nullptr ? config.index() : kConnectionFaults + stream->index());
}

bool is_stream_fault(const FaultConfig& config) {
  return std::holds_alternative<StreamFaultConfig>(config);
}

boost::json::object attributes_of(const FaultConfig& config) {
  return std::visit(Write{}, config);
}

AbilityNeeds needs_of(const FaultConfig& config) {
  return std::visit(Needs{}, config);
}

std::string_view to_text(StreamDirection direction) {
  switch (direction) {
    case StreamDirection::kUpstream:
      return "upstream";
    case StreamDirection::kDownstream:
      return "downstream";
    case StreamDirection::kBoth:
      break;
  }
  return "both";
}

std::string format_toxicity(double toxicity) {
  std::array<char, 32> text{};
  const auto written =
      std::to_chars(text.data(), text.data() + text.size(), static_cast<float>(toxicity));
  return {text.data(), written.ptr};
}

}  // namespace halfopen

// The faults that shape a stream of bytes, as typed settings: Toxiproxy's toxics, with its names,
// attributes, units and defaults, and ours of the same kind.
//
// Intuition: one alternative a type, one .cpp a type with its parser, its writer and its stage.
// What parses is harmless: where a value would crash or wedge Toxiproxy, the parser answers a
// Problem.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace halfopen {

// One stage of the chains of a proxy's connections: one a fault and direction.
using StageId = StrongId<struct StageIdTag>;

// Which way the bytes go: upstream is what the client sent.
enum class StreamDirection : std::uint8_t { kUpstream, kDownstream, kBoth };
[[nodiscard]] std::string_view to_text(StreamDirection direction);

// Every chunk leaves at its arrival + latency + a draw from [-jitter, jitter), order kept.
struct LatencyConfig {
  Duration latency{0};  // below zero is no delay
  Duration jitter{0};
};

// What the connections of a proxy share in one direction, with `scope: proxy`.
class BandwidthBudget;
enum class BandwidthScope : std::uint8_t { kConnection, kProxy };
struct BandwidthConfig {
  std::int64_t rate_kilobytes_per_second = 0;  // of 1000 bytes; with 0 nothing passes, ever
  BandwidthScope scope = BandwidthScope::kConnection;
  // Not of the settings but of the run: whoever makes the stages gives all of them the same one.
  std::shared_ptr<BandwidthBudget> shared_budget{};
};

// Data passes; the end of the stream is passed on `delay` later.
struct SlowCloseConfig {
  Duration delay{0};
};

// Everything is swallowed. Above zero the connection is closed so long after the last chunk.
struct TimeoutConfig {
  Duration timeout{0};
};

// Data is dropped, and so long after the first of it (or the end, or the start) comes the reset.
enum class ResetOn : std::uint8_t { kData, kNow };
struct ResetPeerConfig {
  Duration timeout{0};
  ResetOn on = ResetOn::kData;
};

// Pieces of average +- variation bytes, and a pause after each.
struct SlicerConfig {
  std::int64_t average_bytes = 0;
  std::int64_t variation_bytes = 0;
  Duration delay{0};
};

// Passes exactly so many bytes, then closes the connection.
struct LimitDataConfig {
  std::int64_t bytes = 0;
};

// Flips one bit now and then, at offsets that only the seed decides. At least one of both is set.
struct CorruptConfig {
  std::int64_t every_bytes = 0;             // on average; 0 is never
  std::optional<std::int64_t> at_offset{};  // once, counted from where the fault met the stream
};

// Passes everything on.
struct NoopConfig {};

using StreamFaultConfig =
    std::variant<LatencyConfig, BandwidthConfig, SlowCloseConfig, TimeoutConfig, ResetPeerConfig,
                 SlicerConfig, LimitDataConfig, NoopConfig, CorruptConfig>;

[[nodiscard]] Result<LatencyConfig> parse_latency(const boost::json::object& attributes,
                                                  const std::string& where);
[[nodiscard]] Result<BandwidthConfig> parse_bandwidth(const boost::json::object& attributes,
                                                      const std::string& where);
[[nodiscard]] Result<SlowCloseConfig> parse_slow_close(const boost::json::object& attributes,
                                                       const std::string& where);
[[nodiscard]] Result<TimeoutConfig> parse_timeout(const boost::json::object& attributes,
                                                  const std::string& where);
[[nodiscard]] Result<ResetPeerConfig> parse_reset_peer(const boost::json::object& attributes,
                                                       const std::string& where);
[[nodiscard]] Result<SlicerConfig> parse_slicer(const boost::json::object& attributes,
                                                const std::string& where);
[[nodiscard]] Result<LimitDataConfig> parse_limit_data(const boost::json::object& attributes,
                                                       const std::string& where);
[[nodiscard]] Result<NoopConfig> parse_noop(const boost::json::object& attributes,
                                            const std::string& where);
[[nodiscard]] Result<CorruptConfig> parse_corrupt(const boost::json::object& attributes,
                                                  const std::string& where);

// Toxiproxy's attributes always, 0 where none was given; those that it does not know only where
// they are not the default, so that its clients see what they expect.
[[nodiscard]] boost::json::object attributes_of(const LatencyConfig& config);
[[nodiscard]] boost::json::object attributes_of(const BandwidthConfig& config);
[[nodiscard]] boost::json::object attributes_of(const SlowCloseConfig& config);
[[nodiscard]] boost::json::object attributes_of(const TimeoutConfig& config);
[[nodiscard]] boost::json::object attributes_of(const ResetPeerConfig& config);
[[nodiscard]] boost::json::object attributes_of(const SlicerConfig& config);
[[nodiscard]] boost::json::object attributes_of(const LimitDataConfig& config);
[[nodiscard]] boost::json::object attributes_of(const NoopConfig& config);
[[nodiscard]] boost::json::object attributes_of(const CorruptConfig& config);

}  // namespace halfopen

// corrupt: flips single bits, as a bad cable behind a checksum that did not notice.
//
// Which bits is decided by the seed and by byte offsets, counted from where the fault met the
// stream; how the bytes were read makes no difference.
#include <algorithm>

#include "base/prng.hpp"
#include "proxy/core/attributes.hpp"
#include "proxy/core/stream/stage.hpp"

namespace halfopen {
namespace {

// No offset that a stream reaches, and no sum of two overflows.
constexpr std::int64_t kFarthest = std::int64_t{1} << 53;

class CorruptStage final : public Stage {
 public:
  CorruptStage(const CorruptConfig& config, std::uint64_t seed)
      : config_(config), every_(Prng{seed}.fork("every")), once_(Prng{seed}.fork("once")) {
    next_flip_ = next_after(0);
  }

 private:
  // Distances are uniform in [1, 2 * every_bytes - 1], so every_bytes on average.
  std::int64_t next_after(std::int64_t offset) {
    if (config_.every_bytes <= 0) return kFarthest;
    return offset + static_cast<std::int64_t>(
                        every_.below(static_cast<std::uint64_t>(config_.every_bytes) * 2 - 1));
  }
  static void flip(char& byte, Prng& prng) {
    byte = static_cast<char>(static_cast<unsigned char>(byte) ^ (1U << prng.below(8)));
  }
  void handle_chunk(Chunk chunk, Instant) override {
    const auto bytes = chunk.bytes();
    const std::int64_t end = offset_ + static_cast<std::int64_t>(bytes.size());
    while (next_flip_ < end) {
      flip(bytes[static_cast<std::size_t>(next_flip_ - offset_)], every_);
      next_flip_ = next_after(next_flip_ + 1);
    }
    if (config_.at_offset && *config_.at_offset >= offset_ && *config_.at_offset < end) {
      flip(bytes[static_cast<std::size_t>(*config_.at_offset - offset_)], once_);
    }
    offset_ = end;
    enqueue(std::move(chunk));
  }
  void reconfigure(const StreamFaultConfig& config, Instant) override {
    const std::int64_t before = config_.every_bytes;
    config_ = std::get<CorruptConfig>(config);
    if (config_.every_bytes != before) next_flip_ = next_after(offset_);
  }

  CorruptConfig config_;
  Prng every_;
  Prng once_;
  std::int64_t offset_ = 0;
  std::int64_t next_flip_ = 0;
};

}  // namespace

std::unique_ptr<Stage> make_corrupt_stage(const CorruptConfig& config, std::uint64_t seed) {
  return std::make_unique<CorruptStage>(config, seed);
}

Result<CorruptConfig> parse_corrupt(const boost::json::object& attributes,
                                    const std::string& where) {
  Attributes reader{attributes, where};
  CorruptConfig config;
  constexpr std::int64_t kAbsent = -1;
  const std::int64_t every = reader.integer("every_bytes", kAbsent);
  const std::int64_t once = reader.integer("at_offset", kAbsent);
  const auto is_given = [&](const char* key) {
    const auto* value = attributes.if_contains(key);
    return value != nullptr && !value->is_null();
  };
  if (is_given("every_bytes") && (every < 1 || every > kFarthest)) {
    reader.expected("every_bytes", "the average distance in bytes, 1 or more",
                    attributes.at("every_bytes"));
  }
  if (is_given("at_offset") && once < 0) {
    reader.expected("at_offset", "an offset in bytes, 0 or more", attributes.at("at_offset"));
  }
  if (auto finished = reader.finish(); finished.has_error()) return finished.error();
  if (!is_given("every_bytes") && !is_given("at_offset")) {
    return Problem{where,
                   ": expected every_bytes (flip a bit about every so many bytes) or "
                   "at_offset (flip one bit there)"};
  }
  config.every_bytes = std::max<std::int64_t>(every, 0);
  if (once >= 0) config.at_offset = once;
  return config;
}

boost::json::object attributes_of(const CorruptConfig& config) {
  boost::json::object written;
  if (config.every_bytes > 0) written["every_bytes"] = config.every_bytes;
  if (config.at_offset) written["at_offset"] = *config.at_offset;
  return written;
}

}  // namespace halfopen

// Whatever is done to a chain of stages that destroy nothing: what comes out is what went in.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "base/prng.hpp"
#include "proxy/core/stream/chain.hpp"

namespace halfopen {
namespace {

// The most that any of these stages may hold, the pieces that are larger than the room left, and
// what waits for the sink.
constexpr std::size_t kStageBound = 32U * 1024 * 1024 + 65536;

StreamFaultConfig some_config(Prng& prng) {
  const auto below = [&](std::uint64_t bound) {
    return static_cast<std::int64_t>(prng.below(bound));
  };
  switch (prng.below(5)) {
    case 0:
      return LatencyConfig{.latency = Duration{below(50'000'000) - 5'000'000},
                           .jitter = Duration{below(20'000'000)}};
    case 1:
      return BandwidthConfig{.rate_kilobytes_per_second = below(20'000)};
    case 2:
      return SlowCloseConfig{.delay = Duration{below(100'000'000)}};
    case 3: {
      const std::int64_t average = 1 + below(3000);
      return SlicerConfig{.average_bytes = average,
                          .variation_bytes = below(static_cast<std::uint64_t>(average) + 1),
                          .delay = Duration{below(1'000'000)}};
    }
    default:
      return NoopConfig{};
  }
}

// A source and a sink of any behaviour around one chain, driven by one seed.
class Chaos {
 public:
  explicit Chaos(std::uint64_t seed) : prng_(seed) {}

  void step() {
    now_ = now_ + Duration{static_cast<std::int64_t>(prng_.below(5'000'000))};
    switch (prng_.below(9)) {
      case 0:
        if (stages_.size() < 6) add();
        break;
      case 1:
        if (!stages_.empty()) {
          chain_.change(pick(), some_config(prng_), now_);
        }
        break;
      case 2:
        if (!stages_.empty()) {
          const StageId id = pick();
          chain_.remove(id, now_);
          stages_.erase(id);
        }
        break;
      case 3:
        chain_.handle_timeout(now_);  // also when nothing is due
        break;
      case 4:
      case 5:
        take();
        break;
      default:
        send();
        break;
    }
    RC_ASSERT(chain_.held_bytes() == sent_ - taken_);
    RC_ASSERT(chain_.held_bytes() <= (stages_.size() + 6) * kStageBound);
  }

  // Takes all faults away and lets the rest run out.
  void finish() {
    const bool ends_while_faulty = prng_.chance(1, 2);
    if (ends_while_faulty) chain_.handle_end(now_);
    while (!stages_.empty()) {
      const StageId id = pick();
      chain_.remove(id, now_);
      stages_.erase(id);
    }
    if (!ends_while_faulty) chain_.handle_end(now_);
    for (int turns = 0; chain_.state() == StreamState::kOpen; ++turns) {
      RC_ASSERT(turns < 1'000'000);
      drain();
      if (chain_.state() != StreamState::kOpen) break;
      const auto deadline = chain_.deadline();
      RC_ASSERT(deadline.has_value());
      RC_ASSERT(*deadline <= now_);  // without stages nothing waits for a time
      chain_.handle_timeout(now_);
    }
    RC_ASSERT(chain_.state() == StreamState::kEnded);
    RC_ASSERT(taken_ == sent_);
    RC_ASSERT(chain_.held_bytes() == 0U);
    RC_ASSERT(!chain_.has_stages());
  }

 private:
  // The stream's byte at an offset.
  static char byte_at(std::size_t offset) {
    return static_cast<char>((offset * 2654435761U) >> 11U);
  }

  void add() {
    const StageId id{next_id_++};
    stages_.emplace(id, 0);
    chain_.add(id, some_config(prng_), prng_.next(), now_);
  }
  StageId pick() {
    auto found = stages_.begin();
    std::advance(found, prng_.below(stages_.size()));
    return found->first;
  }
  void send() {
    const std::size_t most = prng_.chance(1, 3) ? 64 : 32768;
    const std::size_t size = std::min<std::size_t>(1 + prng_.below(most), chain_.room());
    std::string bytes;
    for (std::size_t i = 0; i < size; ++i)
      bytes += byte_at(sent_ + i);
    sent_ += size;
    chain_.handle_bytes(bytes, now_);
  }
  void take() {
    for (auto writes = prng_.below(40); writes > 0 && !chain_.output().empty(); --writes)
      consume(prng_.below(chain_.output().size() + 1));
  }
  void drain() {
    while (!chain_.output().empty())
      consume(chain_.output().size());
  }
  void consume(std::size_t size) {
    const auto due = chain_.output();
    for (std::size_t i = 0; i < size; ++i)
      RC_ASSERT(due[i] == byte_at(taken_ + i));
    taken_ += size;
    chain_.consume(size, now_);
  }

  Prng prng_;
  StreamChain chain_;
  Instant now_;
  std::map<StageId, int> stages_;
  std::uint64_t next_id_ = 1;
  std::size_t sent_ = 0;
  std::size_t taken_ = 0;
};

RC_GTEST_PROP(StreamProperty, WhatComesOutIsWhatWentInWhateverIsDone, (std::uint64_t seed)) {
  Chaos chaos{seed};
  for (int i = 0; i < 300; ++i)
    chaos.step();
  chaos.finish();
}

}  // namespace
}  // namespace halfopen

// A chain of stages in invented time, between a source and a sink that the test plays.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proxy/core/stream/chain.hpp"

namespace halfopen::test {

class StreamRun {
 public:
  // What the sink took at one time by one write.
  struct Write {
    Duration at;
    std::string bytes;
    bool operator==(const Write&) const = default;
  };

  [[nodiscard]] Duration time() const { return now_ - Instant{}; }
  [[nodiscard]] Instant now() const { return now_; }

  void add(std::uint64_t id, const StreamFaultConfig& config, std::uint64_t seed = 1) {
    chain_.add(StageId{id}, config, seed, now_);
    drain();
  }
  void change(std::uint64_t id, const StreamFaultConfig& config) {
    chain_.change(StageId{id}, config, now_);
    drain();
  }
  void remove(std::uint64_t id) {
    chain_.remove(StageId{id}, now_);
    drain();
  }

  // In reads of what the chain takes; answers how much that was.
  std::size_t send(std::string_view text) {
    std::size_t sent = 0;
    while (sent < text.size() && chain_.room() > 0) {
      const std::size_t size = std::min({text.size() - sent, chain_.room(), std::size_t{32768}});
      chain_.handle_bytes(std::span(text.data() + sent, size), now_);
      sent += size;
      drain();
    }
    return sent;
  }
  void end() {
    chain_.handle_end(now_);
    drain();
  }

  // Wakes the chain whenever it wants to be woken until then.
  void run_until(Duration time) {
    for (int wakeups = 0;; ++wakeups) {
      const auto deadline = chain_.deadline();
      if (!deadline || *deadline > Instant{} + time) break;
      if (wakeups > 1'000'000) {
        ADD_FAILURE() << "the chain wants to be woken again and again";
        break;
      }
      now_ = std::max(now_, *deadline);
      chain_.handle_timeout(now_);
      drain();
    }
    now_ = std::max(now_, Instant{} + time);
  }

  // A sink that has stopped takes nothing.
  void stop_sink() { sink_takes_ = false; }
  void resume_sink() {
    sink_takes_ = true;
    drain();
  }

  [[nodiscard]] StreamChain& chain() { return chain_; }
  [[nodiscard]] const std::vector<Write>& writes() const { return writes_; }
  [[nodiscard]] std::string received() const {
    std::string all;
    for (const Write& write : writes_)
      all += write.bytes;
    return all;
  }

 private:
  void drain() {
    while (sink_takes_ && !chain_.output().empty()) {
      const auto due = chain_.output();
      writes_.push_back({time(), std::string(due.begin(), due.end())});
      chain_.consume(due.size(), now_);
    }
  }

  StreamChain chain_;
  Instant now_;
  std::vector<Write> writes_;
  bool sink_takes_ = true;
};

}  // namespace halfopen::test

#include "proxy/core/stream/stage.hpp"

#include <algorithm>

namespace halfopen {

std::size_t Stage::room() const {
  if (end_ || is_over_ || queue_.count() >= capacity_chunks_) return 0;
  const std::size_t held = queue_.bytes();
  if (held + kLeastRoom > capacity_bytes_) return 0;
  return capacity_bytes_ - held;
}

void Stage::push(Chunk chunk, Instant now) {
  if (end_ || is_over_) return;
  if (released_at_) {
    enqueue(std::move(chunk));
  } else {
    handle_chunk(std::move(chunk), now);
  }
  prepare();
}

void Stage::push_end(StreamEnd end) {
  if (!takes_end()) return;
  if (released_at_) {
    end_ = end;
  } else {
    handle_end(end);
  }
}

// A piece is worked out as soon as there is a front, so that deadlines only look.
void Stage::prepare() {
  if (piece_ || queue_.empty()) return;
  const Chunk& front = queue_.front();
  if (released_at_) {
    piece_ = Piece{front.size, std::max(front.at, *released_at_), front.is_alone};
  } else {
    piece_ = next_piece(front);
  }
}

std::optional<Chunk> Stage::pull(Instant now) {
  if (!piece_ || !piece_->due || *piece_->due > now) return std::nullopt;
  const Piece piece = *piece_;
  piece_.reset();
  Chunk chunk = queue_.take(piece.bytes);
  chunk.at = *piece.due;
  chunk.is_alone = piece.is_alone;
  last_due_ = chunk.at;
  if (!released_at_) handle_left(now);
  prepare();
  return chunk;
}

std::optional<StreamEnd> Stage::pull_end(Instant now) {
  if (!queue_.empty() || !end_) return std::nullopt;
  const Instant due = *next_due();
  if (due > now) return std::nullopt;
  const StreamEnd passed{end_->kind, std::max(due, last_due_)};
  end_.reset();
  is_over_ = true;
  return passed;
}

std::optional<Instant> Stage::next_due() const {
  if (!queue_.empty()) return piece_->due;
  if (!end_) return std::nullopt;
  return released_at_ ? std::max(end_->at, *released_at_) : end_due(*end_);
}

void Stage::handle_alarm() {
  alarm_.reset();
  handle_own_alarm();
}

void Stage::change(const StreamFaultConfig& config, Instant now) {
  released_at_.reset();
  piece_.reset();
  reconfigure(config, now);
  prepare();
}

void Stage::release(Instant now) {
  if (released_at_) return;
  if (has_hole() && takes_end()) handle_removed(now);
  released_at_ = now;
  alarm_.reset();
  piece_.reset();
  prepare();
}

void Stage::remove(Instant now) {
  if (!released_at_ && takes_end()) handle_removed(now);
  release(now);
}

void Stage::take_over(Stage& other) {
  queue_ = std::exchange(other.queue_, {});
  end_ = std::exchange(other.end_, std::nullopt);
  is_over_ = other.is_over_;
  last_due_ = other.last_due_;
  prepare();
}

std::unique_ptr<Stage> make_stage(const StreamFaultConfig& config, std::uint64_t seed,
                                  Instant now) {
  struct Make {
    std::uint64_t seed;
    Instant now;
    std::unique_ptr<Stage> operator()(const LatencyConfig& latency) const {
      return make_latency_stage(latency, seed);
    }
    std::unique_ptr<Stage> operator()(const BandwidthConfig& bandwidth) const {
      return make_bandwidth_stage(bandwidth, now);
    }
    std::unique_ptr<Stage> operator()(const SlowCloseConfig& slow_close) const {
      return make_slow_close_stage(slow_close);
    }
    std::unique_ptr<Stage> operator()(const TimeoutConfig& timeout) const {
      return make_timeout_stage(timeout, now);
    }
    std::unique_ptr<Stage> operator()(const ResetPeerConfig& reset_peer) const {
      return make_reset_peer_stage(reset_peer, now);
    }
    std::unique_ptr<Stage> operator()(const SlicerConfig& slicer) const {
      return make_slicer_stage(slicer, seed);
    }
    std::unique_ptr<Stage> operator()(const LimitDataConfig& limit_data) const {
      return make_limit_data_stage(limit_data);
    }
    std::unique_ptr<Stage> operator()(const NoopConfig&) const { return make_noop_stage(); }
    std::unique_ptr<Stage> operator()(const CorruptConfig& corrupt) const {
      return make_corrupt_stage(corrupt, seed);
    }
  };
  return std::visit(Make{seed, now}, config);
}

}  // namespace halfopen

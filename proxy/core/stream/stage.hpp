// One stage of a chain: a queue of chunks, and when and in which pieces they leave it.
//
// Intuition: a stage answers one question, what its next piece is and when that is due. All times
// are ideal ones, counted from when a chunk arrived, not from when somebody was woken; so the
// lateness of a timer does not add up from stage to stage or from chunk to chunk.
//
// Invariants: order is kept; after its end a stage takes nothing; a stage that is released passes
// on what it has and what still comes, unchanged and at once, until it is changed again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/time.hpp"
#include "proxy/core/stream/chunk.hpp"
#include "proxy/core/stream/stream_fault.hpp"

namespace halfopen {

// How a stream ends, behind all that went before.
struct StreamEnd {
  enum class Kind : std::uint8_t {
    kFin,    // the source's own
    kClose,  // the stage closes the whole connection
  } kind = Kind::kFin;
  Instant at;
};

class Stage {
 public:
  static constexpr std::size_t kUsualCapacity = 65536;
  // Less than this is not worth a read.
  static constexpr std::size_t kLeastRoom = 4096;

  virtual ~Stage() = default;
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  // What it takes now. A chunk may be larger: what holds the bound is that with 0 there comes none.
  [[nodiscard]] std::size_t room() const;
  void push(Chunk chunk, Instant now);
  void push_end(StreamEnd end);
  [[nodiscard]] bool takes_end() const { return !end_ && !is_over_; }

  // The next piece that is due; its `at` is when it was.
  [[nodiscard]] std::optional<Chunk> pull(Instant now);
  // The end, once it is due and nothing is left before it.
  [[nodiscard]] std::optional<StreamEnd> pull_end(Instant now);
  // Of the next piece or the end.
  [[nodiscard]] std::optional<Instant> next_due() const;

  // A time of the stage's own, whatever passes.
  [[nodiscard]] std::optional<Instant> alarm() const { return alarm_; }
  void handle_alarm();
  // The whole connection is to be reset now.
  [[nodiscard]] bool demands_reset() const { return demands_reset_; }

  // New settings of the same type.
  void change(const StreamFaultConfig& config, Instant now);
  // It is to do nothing more, for a while; what has made a hole ends as if it were removed.
  void release(Instant now);
  // It is to do nothing more, for good: what it has destroyed cannot be had back.
  void remove(Instant now);
  // What another stage in the same place held.
  void take_over(Stage& other);

  [[nodiscard]] std::size_t held_bytes() const { return queue_.bytes(); }
  [[nodiscard]] bool is_empty() const { return queue_.empty() && !end_; }

 protected:
  explicit Stage(std::size_t capacity_bytes = kUsualCapacity,
                 std::size_t capacity_chunks = kUsualCapacity)
      : capacity_bytes_(capacity_bytes), capacity_chunks_(capacity_chunks) {}

  struct Piece {
    std::size_t bytes = 0;
    std::optional<Instant> due;  // nothing: never
    bool is_alone = false;
  };
  // Asked once for each piece, and again after a change.
  [[nodiscard]] virtual Piece next_piece(const Chunk& front) {
    return {front.size, front.at, front.is_alone};
  }
  // The piece that was asked for has left.
  virtual void handle_left(Instant /*now*/) {}
  // A chunk arrives: enqueue() it, or not.
  virtual void handle_chunk(Chunk chunk, Instant /*now*/) { enqueue(std::move(chunk)); }
  virtual void handle_end(StreamEnd end) { end_ = end; }
  [[nodiscard]] virtual Instant end_due(StreamEnd end) const { return end.at; }
  virtual void handle_own_alarm() {}
  virtual void reconfigure(const StreamFaultConfig& config, Instant now) = 0;
  virtual void handle_removed(Instant /*now*/) {}
  // It has dropped what should have been passed on: whoever read on would read over a hole.
  [[nodiscard]] virtual bool has_hole() const { return false; }

  void enqueue(Chunk chunk) { queue_.push(std::move(chunk)); }
  void close(Instant now) { end_ = StreamEnd{StreamEnd::Kind::kClose, now}; }
  void demand_reset() { demands_reset_ = true; }
  void set_alarm(std::optional<Instant> at) { alarm_ = at; }
  void set_capacity(std::size_t bytes) { capacity_bytes_ = bytes; }

 private:
  void prepare();

  ChunkQueue queue_;
  std::optional<Piece> piece_;  // of the front; nothing only while the queue is empty
  std::optional<StreamEnd> end_;
  std::optional<Instant> alarm_;
  std::optional<Instant> released_at_;
  Instant last_due_;  // of what left last: an end is never before that
  std::size_t capacity_bytes_;
  std::size_t capacity_chunks_;
  bool is_over_ = false;  // the end has been passed on
  bool demands_reset_ = false;
};

// `seed` decides everything random.
[[nodiscard]] std::unique_ptr<Stage> make_stage(const StreamFaultConfig& config, std::uint64_t seed,
                                                Instant now);

// What make_stage chooses from; each is in the .cpp of its type.
[[nodiscard]] std::unique_ptr<Stage> make_latency_stage(const LatencyConfig& config,
                                                        std::uint64_t seed);
[[nodiscard]] std::unique_ptr<Stage> make_bandwidth_stage(const BandwidthConfig& config,
                                                          Instant now);
[[nodiscard]] std::unique_ptr<Stage> make_slow_close_stage(const SlowCloseConfig& config);
[[nodiscard]] std::unique_ptr<Stage> make_timeout_stage(const TimeoutConfig& config, Instant now);
[[nodiscard]] std::unique_ptr<Stage> make_reset_peer_stage(const ResetPeerConfig& config,
                                                           Instant now);
[[nodiscard]] std::unique_ptr<Stage> make_slicer_stage(const SlicerConfig& config,
                                                       std::uint64_t seed);
[[nodiscard]] std::unique_ptr<Stage> make_limit_data_stage(const LimitDataConfig& config);
[[nodiscard]] std::unique_ptr<Stage> make_noop_stage();
[[nodiscard]] std::unique_ptr<Stage> make_corrupt_stage(const CorruptConfig& config,
                                                        std::uint64_t seed);

}  // namespace halfopen

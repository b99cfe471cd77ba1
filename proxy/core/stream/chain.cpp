#include "proxy/core/stream/chain.hpp"

#include <algorithm>
#include <vector>

#include "base/assert.hpp"
#include "proxy/core/stream/chunk.hpp"
#include "proxy/core/stream/stage.hpp"

namespace halfopen {
namespace {

// What may wait for the sink, beside what the stages hold. Few pieces: each is a write of its own.
constexpr std::size_t kOutputBytes = 65536;
constexpr std::size_t kOutputChunks = 64;
// How many hand-overs one call may cause. What is left is due at once, after others had their turn:
// a slicer of single bytes would hold up every connection else. A piece that is to be written alone
// costs more, for it is a system call and a segment of its own.
constexpr int kMovesPerTurn = 1024;
constexpr int kMovesOfOneAlone = 16;
// A short message fits into a block that the allocator hands out from its cache.
constexpr std::size_t kFirstBlock = 960;
constexpr std::size_t kNextBlock = 4096;

std::optional<Instant> earlier(std::optional<Instant> one, std::optional<Instant> other) {
  if (!one) return other;
  if (!other) return one;
  return std::min(*one, *other);
}

}  // namespace

struct StreamChain::Implementation {
  struct Slot {
    StageId id;
    std::size_t type;  // which alternative of StreamFaultConfig the stage was made of
    std::uint64_t seed;
    std::unique_ptr<Stage> stage;
    bool is_removed = false;  // it goes once it is empty
  };

  [[nodiscard]] std::size_t room_behind(std::size_t stage) const;
  [[nodiscard]] bool takes_end_behind(std::size_t stage) const;
  void pass(std::size_t stage, Chunk chunk, Instant now);
  void pass_end(std::size_t stage, StreamEnd end);
  // Moves all that is due as far as it goes.
  void advance(Instant now);
  bool advance_stage(std::size_t stage, Instant now);
  void run_alarms(Instant now);
  void forget_removed();
  void reset();
  [[nodiscard]] Chunk store(std::span<const char> bytes, Instant now);
  [[nodiscard]] Slot* find(StageId id);

  std::vector<Slot> slots;
  ChunkQueue output;
  std::optional<StreamEnd> output_end;
  Block::Pointer tail;  // what comes next may fit into
  std::size_t held_bytes = 0;
  int moves_left = 0;
  Instant last_advance;
  bool is_reset = false;
};

std::size_t StreamChain::Implementation::room_behind(std::size_t stage) const {
  if (stage + 1 < slots.size()) return slots[stage + 1].stage->room();
  if (output_end || output.count() >= kOutputChunks) return 0;
  return output.bytes() < kOutputBytes ? kOutputBytes - output.bytes() : 0;
}

bool StreamChain::Implementation::takes_end_behind(std::size_t stage) const {
  return stage + 1 < slots.size() ? slots[stage + 1].stage->takes_end() : !output_end;
}

void StreamChain::Implementation::pass(std::size_t stage, Chunk chunk, Instant now) {
  if (stage + 1 < slots.size()) {
    slots[stage + 1].stage->push(std::move(chunk), now);
  } else {
    output.push_joined(std::move(chunk));
  }
}

void StreamChain::Implementation::pass_end(std::size_t stage, StreamEnd end) {
  if (stage + 1 < slots.size()) {
    slots[stage + 1].stage->push_end(end);
  } else {
    output_end = end;
  }
}

bool StreamChain::Implementation::advance_stage(std::size_t stage, Instant now) {
  Stage& source = *slots[stage].stage;
  bool has_moved = false;
  while (moves_left > 0 && room_behind(stage) > 0) {
    auto chunk = source.pull(now);
    if (!chunk) break;
    moves_left -= chunk->is_alone ? kMovesOfOneAlone : 1;
    has_moved = true;
    pass(stage, std::move(*chunk), now);
  }
  if (takes_end_behind(stage)) {
    if (const auto end = source.pull_end(now)) {
      pass_end(stage, *end);
      has_moved = true;
    }
  }
  return has_moved;
}

void StreamChain::Implementation::advance(Instant now) {
  last_advance = now;
  // What one stage passes on makes room in it, for which the one before may have waited.
  for (bool has_moved = true; has_moved && !is_reset;) {
    run_alarms(now);
    // What the stages still hold would be read behind a hole.
    if (is_reset) return;
    has_moved = false;
    for (std::size_t stage = 0; stage < slots.size(); ++stage)
      has_moved = advance_stage(stage, now) || has_moved;
  }
  if (is_reset) return;
  forget_removed();
  // What a stage has destroyed, the sum over all of them no longer has.
  held_bytes = output.bytes();
  for (const Slot& slot : slots)
    held_bytes += slot.stage->held_bytes();
  if (held_bytes == 0) tail.reset();
}

void StreamChain::Implementation::run_alarms(Instant now) {
  for (const Slot& slot : slots) {
    Stage& stage = *slot.stage;
    if (stage.alarm() && *stage.alarm() <= now) stage.handle_alarm();
    if (stage.demands_reset()) {
      reset();
      return;
    }
  }
}

void StreamChain::Implementation::forget_removed() {
  slots.erase(
      std::remove_if(slots.begin(), slots.end(),
                     [](const Slot& slot) { return slot.is_removed && slot.stage->is_empty(); }),
      slots.end());
}

// Nothing of it is ever needed again.
void StreamChain::Implementation::reset() {
  is_reset = true;
  output.clear();
  tail.reset();
  held_bytes = 0;
}

Chunk StreamChain::Implementation::store(std::span<const char> bytes, Instant now) {
  if (!tail || tail->room() < bytes.size()) {
    tail = Block::make(std::max(bytes.size(), tail ? kNextBlock : kFirstBlock));
  }
  return {tail, tail->append(bytes), static_cast<std::uint32_t>(bytes.size()), now, false};
}

StreamChain::Implementation::Slot* StreamChain::Implementation::find(StageId id) {
  for (Slot& slot : slots) {
    if (slot.id == id && !slot.is_removed) return &slot;
  }
  return nullptr;
}

StreamChain::StreamChain() : implementation_(std::make_unique<Implementation>()) {}
StreamChain::~StreamChain() = default;

std::size_t StreamChain::room() const {
  const Implementation& self = *implementation_;
  if (self.is_reset) return 0;
  if (!self.slots.empty()) return self.slots.front().stage->room();
  if (self.output_end) return 0;
  const std::size_t held = self.output.bytes();
  return held + Stage::kLeastRoom > kOutputBytes ? 0 : kOutputBytes - held;
}

void StreamChain::handle_bytes(std::span<const char> bytes, Instant now) {
  Implementation& self = *implementation_;
  if (bytes.empty() || self.is_reset) return;
  self.moves_left = kMovesPerTurn;
  // An alarm that is due counts before what comes after it.
  self.run_alarms(now);
  if (self.is_reset) return;
  Chunk chunk = self.store(bytes, now);
  if (self.slots.empty()) {
    if (!self.output_end) self.output.push_joined(std::move(chunk));
  } else {
    self.slots.front().stage->push(std::move(chunk), now);
  }
  self.advance(now);
}

void StreamChain::handle_end(Instant now) {
  Implementation& self = *implementation_;
  self.moves_left = kMovesPerTurn;
  const StreamEnd end{StreamEnd::Kind::kFin, now};
  if (self.slots.empty()) {
    if (!self.output_end) self.output_end = end;
  } else {
    self.slots.front().stage->push_end(end);
  }
  self.advance(now);
}

void StreamChain::handle_timeout(Instant now) {
  implementation_->moves_left = kMovesPerTurn;
  implementation_->advance(now);
}

std::optional<Instant> StreamChain::deadline() const {
  const Implementation& self = *implementation_;
  if (self.is_reset) return std::nullopt;
  std::optional<Instant> first;
  for (std::size_t i = 0; i < self.slots.size(); ++i) {
    const Stage& stage = *self.slots[i].stage;
    first = earlier(first, stage.alarm());
    // What cannot go on waits for the sink, not for a time.
    const bool can_go_on =
        stage.held_bytes() > 0 ? self.room_behind(i) > 0 : self.takes_end_behind(i);
    if (can_go_on) first = earlier(first, stage.next_due());
  }
  // What was due before the last call is due now: a time in the past would be no time to wake at.
  if (first) first = std::max(*first, self.last_advance);
  return first;
}

std::span<const char> StreamChain::output() const {
  const ChunkQueue& output = implementation_->output;
  if (output.empty()) return {};
  return output.front().bytes();
}

void StreamChain::consume(std::size_t bytes, Instant now) {
  Implementation& self = *implementation_;
  if (self.output.empty()) return;
  HALFOPEN_ASSERT(bytes <= self.output.front().size);
  if (bytes == 0) return;
  (void)self.output.take(bytes);
  self.advance(now);
}

StreamState StreamChain::state() const {
  const Implementation& self = *implementation_;
  if (self.is_reset) return StreamState::kReset;
  if (!self.output_end || !self.output.empty()) return StreamState::kOpen;
  return self.output_end->kind == StreamEnd::Kind::kFin ? StreamState::kEnded : StreamState::kClose;
}

std::size_t StreamChain::held_bytes() const {
  return implementation_->held_bytes;
}

void StreamChain::add(StageId id, const StreamFaultConfig& config, std::uint64_t seed,
                      Instant now) {
  Implementation& self = *implementation_;
  HALFOPEN_ASSERT(self.find(id) == nullptr);
  self.moves_left = kMovesPerTurn;
  self.slots.push_back({id, config.index(), seed, make_stage(config, seed, now)});
  self.advance(now);
}

void StreamChain::change(StageId id, const StreamFaultConfig& config, Instant now) {
  Implementation& self = *implementation_;
  Implementation::Slot* slot = self.find(id);
  if (slot == nullptr) return;
  self.moves_left = kMovesPerTurn;
  if (slot->type == config.index()) {
    slot->stage->change(config, now);
  } else if (std::holds_alternative<NoopConfig>(config)) {
    // It may come back, and is to know then what it knew.
    slot->stage->release(now);
  } else {
    auto stage = make_stage(config, slot->seed, now);
    stage->take_over(*slot->stage);
    slot->stage = std::move(stage);
    slot->type = config.index();
  }
  self.advance(now);
}

void StreamChain::remove(StageId id, Instant now) {
  Implementation& self = *implementation_;
  Implementation::Slot* slot = self.find(id);
  if (slot == nullptr) return;
  self.moves_left = kMovesPerTurn;
  slot->is_removed = true;
  slot->stage->remove(now);
  self.advance(now);
}

bool StreamChain::has_stages() const {
  return !implementation_->slots.empty();
}

}  // namespace halfopen
